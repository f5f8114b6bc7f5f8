"""What is wrong with a request, in one form."""

from __future__ import annotations

from typing import Final

from hatang.errors import Problem

LONGEST_NOTE: Final = 4_000


def note_problems(field: str, note: str, wanted: str = "") -> list[Problem]:
    """Return what is wrong with a text; it may be empty unless `wanted` says what is missing."""
    if wanted and not note.strip():
        return [problem(field, note, "is empty", wanted)]
    if len(note) <= LONGEST_NOTE:
        return []
    fix = f"Write {LONGEST_NOTE} characters at most."
    return [problem(field, note[:40], f"has {len(note)} characters", fix)]


def problem(field: str, value: str, message: str, fix: str) -> Problem:
    """Return one problem of a request."""
    return Problem("request", field, value, message, fix)
