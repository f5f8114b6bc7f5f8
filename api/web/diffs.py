"""Differences as lines with what each one does, for colour and for those who see none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line; `kind` is added, removed, place or same."""

    kind: str
    text: str


def lines(diff: str) -> list[DiffLine]:
    """Return the lines of a device's difference."""
    return [DiffLine(_kind(text), text) for text in diff.splitlines()]


def _kind(text: str) -> str:
    if text.startswith(("@@", "---", "+++")):
        return "place"
    return {"+": "added", "-": "removed"}.get(text[:1], "same")
