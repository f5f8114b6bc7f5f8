"""Every format gives the same cells, with what is hidden, merged or without a value."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatang.errors import InvalidInputError
from inventory.sheets import archive
from inventory.sheets.book import Area, letter, position
from inventory.sheets.opening import open_book
from tests.inventory.sheets.building import (
    first,
    ods,
    ods_cell,
    ods_row,
    old,
    problems_of,
    read,
    saved,
    spliced,
    workbook,
    xlsx,
)

SHEET = "xl/worksheets/sheet1.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def sheet_of(rows: str, before: str = "") -> bytes:
    """Return a workbook whose first sheet is this markup."""
    text = f"<worksheet {MAIN}>{before}<sheetData>{rows}</sheetData></worksheet>"
    return spliced(xlsx([["x"]]), SHEET, text.encode())


def test_an_xls_is_read_whole() -> None:
    sheet = first(old(), "a.xls")
    assert sheet.name == "Xã"
    assert sheet.rows == {
        1: {0: "Tiêu đề"}, 3: {0: "ẩn"}, 4: {1: 12.5}, 5: {2: date(2025, 7, 1)},
    }  # fmt: skip
    assert (sheet.hidden_rows, sheet.hidden_columns) == ({3}, {1})
    assert sheet.merges == [Area(1, 0, 1, 2)]
    assert sheet.faults == {(6, 0): "a formula without a saved value"}


def test_an_xlsx_is_read_whole() -> None:
    book, sheet = workbook([])
    sheet["B3"], sheet["C4"], sheet["D4"], sheet["E5"] = "x", "=1+1", date(2025, 7, 1), 7.0
    sheet.merge_cells("B3:C3")
    sheet.row_dimensions[4].hidden = True
    sheet.column_dimensions["D"].hidden = True
    book.create_sheet("H").sheet_state = "hidden"
    found = read(saved(book))
    assert found.sheets[0].rows == {3: {1: "x"}, 4: {3: date(2025, 7, 1)}, 5: {4: 7}}
    assert found.sheets[0].merges == [Area(3, 1, 3, 2)]
    assert (found.sheets[0].hidden_rows, found.sheets[0].hidden_columns) == ({4}, {3})
    assert found.sheets[0].faults == {(4, 2): "a formula without a saved value"}
    assert [sheet.is_hidden for sheet in found.sheets] == [False, True]


def test_an_ods_is_read_whole() -> None:
    uncomputed = '<table:table-cell table:formula="of:=1+1"/>'
    spanning = ods_cell("Đầu", 'table:number-columns-spanned="2"')
    rows = (
        '<table:table table:name="Xã"><table:table-column/>'
        '<table:table-column table:visibility="collapse"/>'
        f"<table:table-row>{spanning}</table:table-row>"
        + ods_row("ẩn", more='table:visibility="collapse"')
        + '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'
        + f"<table:table-row>{uncomputed}{ods_cell(5)}</table:table-row></table:table>"
    )
    hidden = '<table:table table:name="H" table:style-name="h"></table:table>'
    style = (
        '<style:style style:name="h"><style:table-properties table:display="false"/></style:style>'
    )
    found = read(ods(rows + hidden, style), "a.ods")
    assert found.sheets[0].rows == {1: {0: "Đầu"}, 2: {0: "ẩn"}, 6: {1: 5}}
    assert (found.sheets[0].hidden_rows, found.sheets[0].hidden_columns) == ({2}, {1})
    assert found.sheets[0].merges == [Area(1, 0, 1, 1)]
    assert found.sheets[0].faults == {(6, 0): "a formula without a saved value"}
    assert found.sheets[1].is_hidden


def test_a_formula_gives_its_saved_value() -> None:
    sheet = first(sheet_of('<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>'))
    assert (sheet.rows, sheet.faults, sheet.formulas) == ({1: {0: 2}}, {}, 1)


def test_an_error_value_is_a_fault() -> None:
    sheet = first(sheet_of('<row r="1"><c r="B1" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'))
    assert sheet.faults == {(1, 1): "#DIV/0!"}


def test_macros_are_told_and_ignored() -> None:
    book = read(spliced(xlsx([["x"]]), "xl/vbaProject.bin", b"Sub AutoOpen"), "a.xlsm")
    assert book.notes == ["holds macros; they were not looked at"]


def test_fifty_thousand_empty_rows_cost_nothing() -> None:
    rows = "".join(f'<row r="{n}" s="1"><c r="A{n}" s="1"/></row>' for n in range(1, 50_001))
    sheet = first(sheet_of(rows + '<row r="50001"><c r="A50001"><v>1</v></c></row>'))
    assert sheet.rows == {50_001: {0: 1}}


def test_rows_without_a_value_are_told_of_where_most_are() -> None:
    rows = "".join(f'<row r="{n}" s="1"><c r="A{n}" s="1"/></row>' for n in range(1, 4))
    values = [f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(4, 7)]
    found = [read(sheet_of(rows + "".join(some)), "a.xlsx") for some in (values[:2], values)]
    note = "Sheet1: 3 empty rows; they were passed over"
    assert [book.notes for book in found] == [[note], []]


def bombs() -> dict[str, bytes]:
    """Workbooks that would take more than a workbook may."""
    giant = b"<worksheet>" + b" " * (archive.RATIO_FREE + 1)
    far = (
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="900000"><c r="XFD900000"><v>1</v></c></row>'
    )
    repeated = ods_row("x", more='table:number-rows-repeated="1048576"').replace(
        "<table:table-cell", '<table:table-cell table:number-columns-repeated="1024"'
    )
    return {
        "times its size": spliced(xlsx([["x"]]), SHEET, giant),
        "reaches as far as XFD900000": sheet_of(far),
        "cells": ods(f'<table:table table:name="T">{repeated}</table:table>'),
        "document type": spliced(
            xlsx([["x"]]), SHEET, b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>'
        ),
    }


@pytest.mark.parametrize("message", list(bombs()))
def test_a_bomb_is_refused_before_it_is_read(message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        read(bombs()[message])


def test_a_size_that_lies_is_found_by_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_UNCOMPRESSED", 100_000)
    data = spliced(xlsx([["x"]]), SHEET, b"<worksheet>" + b" " * 200_000 + b"</worksheet>")
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        entry = opened.getinfo(SHEET)
    honest = entry.file_size.to_bytes(4, "little")
    lying = data.replace(honest, (10).to_bytes(4, "little"))
    assert lying != data
    with pytest.raises(InvalidInputError, match="unpacks to more"):
        read(lying)


def test_a_child_reads_the_same() -> None:
    data = old()
    assert open_book(data, "a.xls") == read(data, "a.xls")


def test_a_childs_problem_is_ours() -> None:
    with pytest.raises(InvalidInputError, match=r"a\.xlsx: file: is a PDF"):
        open_book(b"%PDF-1.4", "/somewhere/a.xlsx")


@given(st.integers(0, 20_000))
def test_letters_name_columns(column: int) -> None:
    assert position(f"{letter(column)}7") == (7, column)


JUNK = [xlsx([["Mã", "Tên"], ["a", 1]]), old(), ods('<table:table table:name="T"/>')]


@settings(deadline=None)  # a panic is asked again in a child
@given(st.sampled_from(range(len(JUNK))), st.data())
def test_a_damaged_workbook_is_read_or_refused(which: int, draw: st.DataObject) -> None:
    data = JUNK[which]
    place = draw.draw(st.integers(0, len(data) - 1))
    junk = draw.draw(st.binary(max_size=40))
    spoiled = data[:place] + junk + data[place + draw.draw(st.integers(0, 300)) :]
    assert all(problem.message and problem.fix for problem in problems_of(spoiled))


def test_an_encrypted_workbook_is_named() -> None:
    name = "Workbook".encode("utf-16-le")
    longer = "EncryptedPackage".encode("utf-16-le")
    entry = name.ljust(64, b"\0") + (len(name) + 2).to_bytes(2, "little")
    data = old()
    assert entry in data
    changed = longer.ljust(64, b"\0") + (len(longer) + 2).to_bytes(2, "little")
    with pytest.raises(InvalidInputError, match="is encrypted"):
        read(data.replace(entry, changed), "a.xlsx")


def test_an_encrypted_xls_is_named() -> None:
    code_page, password = b"\x42\x00\x02\x00", b"\x2f\x00\x02\x00"
    with pytest.raises(InvalidInputError, match="is encrypted"):
        read(old().replace(code_page, password, 1), "a.xls")


def test_an_encrypted_ods_is_named() -> None:
    manifest = b"<manifest><encryption-data/></manifest>"
    with pytest.raises(InvalidInputError, match="is encrypted"):
        read(spliced(ods("<x/>"), "META-INF/manifest.xml", manifest), "a.ods")
