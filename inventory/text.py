"""Vietnamese text: one normal form for storing, one folded form for finding."""

from __future__ import annotations

import unicodedata


def normalise(value: str) -> str:
    """Return `value` in NFC without surrounding blanks, so that equal names are equal bytes."""
    # ASCII is in normal form already, and most texts of a province's size are that.
    return value.strip() if value.isascii() else unicodedata.normalize("NFC", value).strip()


def fold(*values: str | None) -> str:
    """Return `values` without marks and case: "Huế" and "hue" fold to the same text."""
    joined = values[0] or "" if len(values) == 1 else " ".join(value for value in values if value)
    if joined.isascii():
        return joined.casefold()
    decomposed = unicodedata.normalize("NFD", joined)
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return bare.replace("đ", "d").replace("Đ", "D").casefold()
