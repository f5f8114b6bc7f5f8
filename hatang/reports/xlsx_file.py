"""XLSX: every text is stored as text, so that none can be a formula."""

from __future__ import annotations

import io
import math
import re
from datetime import datetime
from typing import TYPE_CHECKING, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from hatang.formulas import harmless
from hatang.reports.archive import timeless

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from openpyxl.cell.cell import Cell as SheetCell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

    from hatang.reports.table import Cell, Table

# Limits of the format (ECMA-376, as Excel enforces them).
MAX_CELL_CHARACTERS: Final = 32_767
MAX_TITLE_CHARACTERS: Final = 31
_FORBIDDEN_IN_TITLES: Final = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_TIME_FORMAT: Final = "yyyy-mm-dd hh:mm:ss"


def to_xlsx(*tables: Table) -> bytes:
    """Return a workbook of one sheet a table, each with its header frozen.

    The same tables give the same bytes: nothing in it says when it was written.
    """
    book = Workbook(write_only=True)
    for table in tables:
        _write(book, table)
    out = io.BytesIO()
    book.save(out)
    return timeless(out.getvalue())


def _write(book: Workbook, table: Table) -> None:
    title = _FORBIDDEN_IN_TITLES.sub(" ", table.title).strip()[:MAX_TITLE_CHARACTERS]
    sheet = book.create_sheet(title or "hatang")
    sheet.freeze_panes = "A3" if table.note else "A2"
    if table.note:
        sheet.append([_cell(sheet, table.note, table.zone)])
    header = [_cell(sheet, name, table.zone) for name in table.columns]
    for cell in header:
        cell.font = Font(bold=True)
    sheet.append(header)
    for row in table.rows:
        sheet.append([_cell(sheet, value, table.zone) for value in row])


def _cell(sheet: WriteOnlyWorksheet, value: Cell, zone: ZoneInfo) -> SheetCell:
    if isinstance(value, float) and not math.isfinite(value):
        value = None
    if isinstance(value, datetime):
        # The format knows no zones: the sheet shows the wall clock of the report's.
        cell = WriteOnlyCell(sheet, value.astimezone(zone).replace(tzinfo=None))
        cell.number_format = _TIME_FORMAT
        return cell
    cell = WriteOnlyCell(sheet)
    if isinstance(value, str):
        cell.value = harmless(value)[:MAX_CELL_CHARACTERS]
        cell.data_type = "s"
    else:
        cell.value = value
    return cell
