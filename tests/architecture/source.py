"""Our own source files and what the shape tests ask of them."""

from __future__ import annotations

import ast
import gc
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "hatang",
    "inventory",
    "monitors",
    "alerts",
    "playbooks",
    "baselines",
    "conference",
    "api",
    "cli",
    "lab",
    "bench",
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One of our files, parsed."""

    path: Path
    tree: ast.Module
    line_count: int

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def is_migration(self) -> bool:
        return "migrations/versions" in self.name

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree, walked once for all that ask."""
        return tuple(ast.walk(self.tree))

    def functions(self) -> list[Function]:
        return [node for node in self.nodes if isinstance(node, Function)]

    def classes(self) -> list[ast.ClassDef]:
        return [node for node in self.nodes if isinstance(node, ast.ClassDef)]


@cache
def modules() -> tuple[Module, ...]:
    paths = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    gc.disable()  # a million nodes that stay: nobody need look for garbage among them
    try:
        return tuple(_parse(path) for path in paths)
    finally:
        gc.freeze()
        gc.enable()


def _parse(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    return Module(path, ast.parse(text), len(text.splitlines()))


def length(node: ast.ClassDef | Function) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


def percentile(values: list[int], share: float) -> int:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
