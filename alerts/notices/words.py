"""A notice as it is searched: without marks and case, letter for letter as long as it was."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.text import fold, normalise

LONGEST = 20_000
"""Characters of a notice that are read; a carrier's longest list of circuits fits."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A text and its folded form; a place in the one is the same place in the other."""

    text: str
    folded: str

    @classmethod
    def of(cls, text: str) -> Notice:
        """Fold `text` letter by letter, so that what is found can be shown as it was written."""
        whole = normalise(text)[:LONGEST]
        return cls(whole, "".join(_single(letter) for letter in whole))

    def around(self, start: int, end: int) -> str:
        """Return what was written at [start, end), on one line."""
        return " ".join(self.text[start:end].split())


def _single(letter: str) -> str:
    folded = fold(letter)
    return folded if len(folded) == 1 else letter
