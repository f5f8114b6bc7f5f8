"""PDF, set by typst at a bench of its own; what a report holds reaches it as data only.

A text with typst's markup in it is shown as it stands, and a document that cannot be set costs
itself and nothing else. typst brings the font, which has all letters of Vietnamese.
"""

from __future__ import annotations

import json
import math
import unicodedata
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from babel.numbers import format_decimal

from hatang.workshop import Bench, Limits

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from hatang.reports.document import Document
    from hatang.reports.table import Cell, Table

TASK: Final = "hatang.reports.press:press"
LIMITS: Final = Limits(seconds=120, cpu_seconds=90, memory_bytes=4 * 1024**3)
NOTHING: Final = "–"
# A column is as wide as its longest text, within these; numbers of characters.
LEAST_WIDTH: Final = 6
MOST_WIDTH: Final = 40
_NUMBER: Final = "#,##0.###"
_BREAKS: Final = "\t\n"


def to_pdf(document: Document, limits: Limits = LIMITS) -> bytes:
    """Return the document as PDF.

    Raises:
        SpoiltError: it could not be set within the limits.
    """
    given = {
        "title": _clean(document.title),
        "facts": [[_clean(name), _clean(value)] for name, value in document.facts],
        "footer": _clean(document.footer),
        "language": document.language,
        "landscape": document.is_landscape,
        "tables": [_table(table, document.language) for table in document.tables],
    }
    with Bench(TASK, limits) as bench:
        return bench.work(json.dumps(given).encode())


def _table(table: Table, language: str) -> dict[str, Any]:
    columns = [_clean(name) for name in table.columns]
    rows = [[_shown(cell, table.zone, language) for cell in row] for row in table.rows]
    longest = [max(len(text) for text in column) for column in zip(columns, *rows, strict=True)]
    widths = [min(max(length, LEAST_WIDTH), MOST_WIDTH) for length in longest]
    told = {"title": _clean(table.title), "note": _clean(table.note)}
    return {**told, "columns": columns, "widths": widths, "rows": rows}


def _shown(cell: Cell, zone: ZoneInfo, language: str) -> str:
    if cell is None or cell == "" or (isinstance(cell, float) and not math.isfinite(cell)):
        return NOTHING
    if isinstance(cell, datetime):
        return f"{cell.astimezone(zone):%d/%m/%Y %H:%M}"
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, float):
        return str(format_decimal(cell, _NUMBER, locale=language))
    return _clean(str(cell))


def _clean(text: str) -> str:
    """Return `text` without what would steer a printer or a reader: controls, reordering marks."""
    kept = (
        each
        if each in _BREAKS or unicodedata.category(each) not in {"Cc", "Cf"}
        else "\N{REPLACEMENT CHARACTER}"
        for each in text
    )
    return "".join(kept)
