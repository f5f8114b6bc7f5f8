"""What spreadsheets take for a formula, and how a text is kept from being one."""

from __future__ import annotations

import unicodedata
from typing import Final

# What makes spreadsheets take a text for a formula (OWASP, "CSV Injection"); a full-width sign
# counts as its ASCII form, and some programs skip white space first.
_TRIGGERS: Final = frozenset("=+-@|%")
_SKIPPED: Final = "\t\r\n \u00a0\ufeff"
_CONTROL: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), "�")


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet could run `text`."""
    first = unicodedata.normalize("NFKC", text.lstrip(_SKIPPED)[:1])
    return first in _TRIGGERS or text[:1] in {"\t", "\r", "\n"}


def harmless(text: str) -> str:
    """Return `text` so that no spreadsheet runs it: a formula gets an apostrophe before it.

    Control characters, which XLSX cannot hold and terminals obey, become U+FFFD.
    """
    clean = text.translate(_CONTROL)
    return f"'{clean}" if is_formula(clean) else clean
