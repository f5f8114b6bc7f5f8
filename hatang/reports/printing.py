"""Cells as they are read on paper, in PDF and Word alike."""

from __future__ import annotations

import math
import unicodedata
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from babel.numbers import format_decimal

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from hatang.reports.table import Cell

NOTHING: Final = "–"
_NUMBER: Final = "#,##0.###"
_BREAKS: Final = "\t\n"


def printed(cell: Cell, zone: ZoneInfo, language: str) -> str:
    """Return a cell as paper shows it: absent is a dash, times are of `zone`."""
    if cell is None or cell == "" or (isinstance(cell, float) and not math.isfinite(cell)):
        return NOTHING
    if isinstance(cell, datetime):
        return f"{cell.astimezone(zone):%d/%m/%Y %H:%M}"
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, float):
        return str(format_decimal(cell, _NUMBER, locale=language))
    return clean(str(cell))


def clean(text: str) -> str:
    """Return `text` without what would steer a printer or a reader: controls, reordering marks.

    Nor what no XML may hold (XML 1.0, production 2): lone surrogates, U+FFFE, U+FFFF.
    """
    kept = (
        each
        if each in _BREAKS
        or (unicodedata.category(each) not in {"Cc", "Cf", "Cs"} and each not in "\ufffe\uffff")
        else "\N{REPLACEMENT CHARACTER}"
        for each in text
    )
    return "".join(kept)
