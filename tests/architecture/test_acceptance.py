"""The proofs stand outside: they import nothing of ours, and each carries its sabotage."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from tests.architecture.source import PACKAGES, ROOT

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = ROOT / "tests" / "acceptance"
FILES = sorted(FOLDER.glob("*.py"))
SCRIPTS = sorted(FOLDER.glob("test_*.py"))
FORBIDDEN = {*PACKAGES, "scripts"}
SABOTAGE = "test_sabotage_"


def name_of(path: Path) -> str:
    return path.name


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def functions_of(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def test_there_is_something_to_look_at() -> None:
    assert SCRIPTS


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_proof_imports_none_of_our_packages(path: Path) -> None:
    names = imported(path)
    ours = {name for name in names if name.split(".")[0] in FORBIDDEN}
    inside = {name for name in names if name.startswith("tests.")}
    assert not ours
    assert all(name.startswith("tests.acceptance") for name in inside)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_proof_imports_nothing_by_a_computed_name(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "importlib" not in text
    assert "__import__" not in text


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_every_script_holds_a_proof_and_a_sabotage(path: Path) -> None:
    names = functions_of(path)
    assert [name for name in names if not name.startswith(SABOTAGE)]
    assert [name for name in names if name.startswith(SABOTAGE)]


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_every_script_is_marked_as_acceptance(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    marked = [line for line in text.splitlines() if line.startswith("pytestmark")]
    assert marked
    assert "pytest.mark.acceptance" in marked[0]
