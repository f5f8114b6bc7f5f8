"""Decisions are numbered once, each by its own file's name."""

from __future__ import annotations

from tests.docs.pages import ROOT


def test_no_two_decisions_bear_one_number() -> None:
    files = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [int(file.name.partition("-")[0]) for file in files]
    assert numbers == list(range(1, len(files) + 1))
    for number, file in zip(numbers, files, strict=True):
        assert file.read_text(encoding="utf-8").startswith(f"# {number}. "), file.name
