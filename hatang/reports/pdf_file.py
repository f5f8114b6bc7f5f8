"""PDF, set by typst at a bench of its own; what a report holds reaches it as data only.

A text with typst's markup in it is shown as it stands, and a document that cannot be set costs
itself and nothing else. typst brings the font, which has all letters of Vietnamese.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from hatang.reports.printing import clean, printed
from hatang.workshop import Bench, Limits

if TYPE_CHECKING:
    from hatang.reports.document import Document
    from hatang.reports.table import Table

TASK: Final = "hatang.reports.press:press"
LIMITS: Final = Limits(seconds=120, cpu_seconds=90, memory_bytes=4 * 1024**3)
# A column is as wide as its longest text, within these; numbers of characters.
LEAST_WIDTH: Final = 6
MOST_WIDTH: Final = 40


def to_pdf(document: Document, limits: Limits = LIMITS) -> bytes:
    """Return the document as PDF.

    Raises:
        SpoiltError: it could not be set within the limits.
    """
    given = {
        "title": clean(document.title),
        "facts": [[clean(name), clean(value)] for name, value in document.facts],
        "footer": clean(document.footer),
        "language": document.language,
        "landscape": document.is_landscape,
        "signers": [clean(name) for name in document.signers],
        "tables": [_table(table, document.language) for table in document.tables],
    }
    with Bench(TASK, limits) as bench:
        return bench.work(json.dumps(given).encode())


def _table(table: Table, language: str) -> dict[str, Any]:
    columns = [clean(name) for name in table.columns]
    rows = [[printed(cell, table.zone, language) for cell in row] for row in table.rows]
    longest = [max(len(text) for text in column) for column in zip(columns, *rows, strict=True)]
    widths = [min(max(length, LEAST_WIDTH), MOST_WIDTH) for length in longest]
    told = {"title": clean(table.title), "note": clean(table.note)}
    return {**told, "columns": columns, "widths": widths, "rows": rows}
