"""From bytes to a book: bounds first, then the values, in whatever format they came."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from python_calamine import CalamineError, CalamineWorkbook

from inventory.sheets import ods, xls, xlsx
from inventory.sheets.archive import open_archive
from inventory.sheets.book import MAX_TEXT, Book, Layout, Sheet, Value, refuse
from inventory.sheets.content import Format, format_of, named_format
from inventory.sheets.csvfile import read_csv

if TYPE_CHECKING:
    from collections.abc import Iterator

_MACROS: Final = "xl/vbaProject.bin"


def read_book(data: bytes, where: str) -> Book:
    """Return the workbook or CSV file in `data`; `where` is its name.

    Raises:
        InvalidInputError: it is none, damaged, encrypted, or beyond a limit.
    """
    found = format_of(data, where)
    if found is Format.YAML:
        raise refuse(where, "is YAML, not a workbook", "Import it as YAML.")
    book = read_csv(data, where) if found is Format.CSV else _read_workbook(data, where, found)
    promised = named_format(where)
    if promised is not None and promised is not found:
        book.notes.insert(0, f"is {found}, though its name says {promised}")
    return book


def _read_workbook(data: bytes, where: str, found: Format) -> Book:
    book = Book(where, found)
    if found is Format.XLS:
        layouts, book.is_1904 = xls.layouts(data, where)
    else:
        archive = open_archive(data, where)
        if _MACROS in archive.namelist():
            book.notes.append("holds macros; they were not looked at")
        if found is Format.XLSX:
            layouts, book.is_1904 = xlsx.layouts(archive, where)
        else:
            layouts = ods.layouts(archive, where)
    try:
        with CalamineWorkbook.from_filelike(BytesIO(data)) as opened:
            for name in opened.sheet_names:
                layout = layouts.get(name)
                if layout is not None:
                    sheet = _sheet(opened.get_sheet_by_name(name), name, layout)
                    book.sheets.append(sheet)
                    _note_empty_rows(book, sheet, layout.rows - len(sheet.rows))
    except CalamineError as error:
        message = f"cannot be read as {found} ({str(error)[:200]})"
        raise refuse(where, message, "Open it and save it anew as XLSX.") from error
    if not book.sheets:
        raise refuse(where, "holds no sheet", "Give a workbook with a table.")
    return book


def _note_empty_rows(book: Book, sheet: Sheet, count: int) -> None:
    """Tell of empty rows where they are no mere spacing: somebody may miss what stood in them."""
    if count > len(sheet.rows):
        book.notes.append(f"{sheet.name}: {count} empty rows; they were passed over")


def _sheet(opened: Any, name: str, layout: Layout) -> Sheet:  # noqa: ANN401 RUF100 - untyped
    sheet = Sheet(
        name,
        is_hidden=layout.is_hidden,
        hidden_rows=layout.hidden_rows,
        hidden_columns=layout.hidden_columns,
        merges=layout.merges,
        faults=layout.faults,
        formulas=layout.formulas,
    )
    if opened.start is None or not layout.cells:
        return sheet
    _, left = opened.start  # rows are given from the first on, columns from the first with a value
    for number, row in enumerate(opened.iter_rows(), 1):
        cells = dict(_cells(row, left))
        if cells:
            sheet.rows[number] = cells
    return sheet


def _cells(row: list[Any], left: int) -> Iterator[tuple[int, Value]]:
    for column, cell in enumerate(row, left):
        if isinstance(cell, str):
            text = cell[:MAX_TEXT]
            if text.strip():
                yield column, text
        elif cell is None:
            continue
        elif isinstance(cell, float) and cell.is_integer():
            yield column, int(cell)
        elif isinstance(cell, bool | int | float | date | datetime):
            yield column, cell
        else:
            yield column, str(cell)
