"""The shape budgets of the design; a red test here means the architecture drifts."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from tests.architecture import source
from tests.architecture.source import PACKAGES, Function, Module, length, modules, percentile

DUMPING_GROUNDS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base"}


@cache
def code() -> list[Module]:
    """Return what the budgets are for; read when a test asks, not when tests are collected."""
    return [module for module in modules() if not module.is_migration]


@cache
def functions() -> list[tuple[Module, Function]]:
    return [(module, node) for module in code() for node in module.functions()]


def test_files_are_short() -> None:
    sizes = [module.line_count for module in code() if module.line_count]
    too_long = [module.name for module in code() if module.line_count > 500]
    assert not too_long
    assert percentile(sizes, 0.5) <= 100
    assert percentile(sizes, 0.9) <= 300


def test_functions_are_short() -> None:
    lengths = [length(node) for _, node in functions()]
    too_long = [f"{m.name}:{n.lineno} {n.name}" for m, n in functions() if length(n) > 60]
    assert not too_long
    assert percentile(lengths, 0.5) <= 10
    assert percentile(lengths, 0.9) <= 30


def test_classes_are_small() -> None:
    offenders = [
        f"{module.name}:{node.lineno} {node.name}"
        for module in code()
        for node in module.classes()
        if length(node) > 200 or len(_public_methods(node)) > 10
    ]
    assert not offenders


def _public_methods(node: ast.ClassDef) -> list[str]:
    methods = (item for item in node.body if isinstance(item, Function))
    return [item.name for item in methods if not item.name.startswith("_")]


def test_functions_take_at_most_five_positional_parameters() -> None:
    offenders = [f"{m.name}:{n.lineno} {n.name}" for m, n in functions() if _positional(n) > 5]
    assert not offenders


def _positional(node: Function) -> int:
    names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
    return len([name for name in names if name not in ("self", "cls")])


def test_no_module_is_a_dumping_ground() -> None:
    names = {module.path.stem for module in code()} | {module.path.parent.name for module in code()}
    assert not names & DUMPING_GROUNDS


def test_own_code_is_imported_at_the_top_only() -> None:
    offenders = [
        f"{module.name}:{inner.lineno}"
        for module, node in functions()
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom) and _is_ours(inner)
    ]
    assert not offenders


def _is_ours(node: ast.Import | ast.ImportFrom) -> bool:
    names = (
        [node.module or ""]
        if isinstance(node, ast.ImportFrom)
        else [alias.name for alias in node.names]
    )
    return any(name.split(".")[0] in PACKAGES for name in names)


def test_nobody_rebinds_globals() -> None:
    offenders = [
        f"{module.name}:{node.lineno}"
        for module in code()
        for node in module.nodes
        if isinstance(node, ast.Global)
    ]
    assert not offenders


def test_time_is_asked_of_the_clock_only() -> None:
    allowed = {"hatang/clock.py", "hatang/log.py"}
    offenders = [
        f"{module.name}:{node.lineno}"
        for module in code()
        if module.name not in allowed and not module.name.startswith(("lab/", "bench/"))
        for node in module.nodes
        if isinstance(node, ast.Attribute)
        and node.attr in ("now", "utcnow", "today")
        and isinstance(node.value, ast.Name)
        and node.value.id in ("datetime", "date")
    ]
    assert not offenders


COMMIT_EDGES = {"hatang/db/engine.py"}


def test_transactions_end_at_the_edge_only() -> None:
    offenders = [
        f"{module.name}:{node.lineno}"
        for module in code()
        if module.name not in COMMIT_EDGES and not module.name.startswith("lab/")
        for node in module.nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("session", "connection", "db")
    ]
    assert not offenders


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_says_what_it_is(package: str) -> None:
    tree = ast.parse((source.ROOT / package / "__init__.py").read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
