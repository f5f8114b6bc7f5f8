"""Every promise names scripts and sabotages that exist."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.docs.pages import ROOT

PAGES = ("proofs.md", "proofs-changes.md", "proofs-conference.md", "proofs-monitors.md")
ROWS = [
    line
    for name in PAGES
    for line in (ROOT / "docs" / name).read_text("utf-8").splitlines()
    if line.startswith("| ") and "`" in line
]
NAME = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


@cache
def defined(file: str) -> frozenset[str]:
    """Return the names of the tests in a file."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return frozenset(each.name for each in tree.body if isinstance(each, ast.FunctionDef))


def test_there_are_promises() -> None:
    assert len(ROWS) > 40


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:60])
def test_a_promise_has_scripts_and_sabotages_that_exist(row: str) -> None:
    _, _, scripts, sabotages, _ = row.split("|")
    proofs, reds = NAME.findall(scripts), NAME.findall(sabotages)
    assert proofs
    assert reds
    assert all(name in defined(file) for file, name in proofs + reds)
    assert all(name.startswith("test_sabotage") for _, name in reds)
