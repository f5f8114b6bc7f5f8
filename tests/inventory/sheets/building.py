"""Workbooks built by code: what openpyxl cannot write is written as markup."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, TypeAlias
from xml.sax.saxutils import escape

import pytest
import xlwt
from openpyxl import Workbook

from hatang.errors import InvalidInputError
from inventory.sheets.opening import open_book
from inventory.sheets.parsing import read_book

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from hatang.errors import Problem
    from inventory.sheets.book import Book, Sheet

Cells: TypeAlias = Sequence[Sequence[str | int | float | date | None]]
MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
NAMESPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def saved(book: Workbook) -> bytes:
    """Return the bytes of a workbook."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def workbook(rows: Cells, title: str = "Sheet1") -> tuple[Workbook, Worksheet]:
    """Return a workbook of one sheet, its rows from A1 on."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    return book, sheet


def xlsx(rows: Cells, title: str = "Sheet1") -> bytes:
    """Return an XLSX of one sheet."""
    return saved(workbook(rows, title)[0])


def ods(content: str, styles: str = "") -> bytes:
    """Return an ODS whose `content` is the markup of its tables."""
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {NAMESPACES}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{content}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", MIMETYPE, zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", text)
    return out.getvalue()


def ods_cell(value: str | float, more: str = "") -> str:
    """Return the markup of one cell."""
    if isinstance(value, str):
        return (
            f'<table:table-cell office:value-type="string" {more}>'
            f"<text:p>{escape(value)}</text:p></table:table-cell>"
        )
    return (
        f'<table:table-cell office:value-type="float" office:value="{value}" {more}>'
        f"<text:p>{value}</text:p></table:table-cell>"
    )


def ods_row(*values: str | float, more: str = "") -> str:
    """Return the markup of one row."""
    return f"<table:table-row {more}>{''.join(map(ods_cell, values))}</table:table-row>"


def spliced(data: bytes, name: str, content: bytes) -> bytes:
    """Return the archive `data` with one of its parts replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w", 8) as new:
        for entry in before.namelist():
            stored = zipfile.ZIP_STORED if entry == "mimetype" else zipfile.ZIP_DEFLATED
            kept = content if entry == name else before.read(entry)
            new.writestr(entry, kept, stored)
        if name not in before.namelist():
            new.writestr(name, content)
    return out.getvalue()


def old() -> bytes:
    """Return an XLS with a hidden row, a hidden column, merged cells, a date and a formula."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Xã")
    sheet.write_merge(0, 0, 0, 2, "Tiêu đề")
    sheet.write(2, 0, "ẩn")
    sheet.row(2).hidden = True
    sheet.write(3, 1, 12.5)
    sheet.col(1).hidden = True
    sheet.write(4, 2, date(2025, 7, 1), xlwt.easyxf(num_format_str="dd/mm/yyyy"))
    sheet.write(5, 0, xlwt.Formula("1+1"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def problems_of(data: bytes, name: str = "book.xlsx") -> tuple[Problem, ...]:
    """Return what keeps `data` from being read; a reader's panic is asked again in the child."""
    try:
        read(data, name)
    except InvalidInputError as error:
        return error.problems
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        with pytest.raises(InvalidInputError) as refused:
            open_book(data, name)
        return refused.value.problems
    return ()


def read(data: bytes, name: str = "book.xlsx") -> Book:
    """Return the book in `data`, read in this process."""
    return read_book(data, name)


def first(data: bytes, name: str = "book.xlsx") -> Sheet:
    """Return the first sheet of the book in `data`."""
    return read(data, name).sheets[0]
