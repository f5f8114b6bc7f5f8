from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from hatang.formulas import harmless
from hatang.reports import Cell, Table, to_csv, to_xlsx

NASTY = [
    "=cmd|' /C calc'!A0",
    "+1",
    "-1+2",
    "@SUM(A1)",
    "\t=1",
    " =1",
    "＝1",
    "\n=1",
    "|x",
]


def table(*rows: list[Cell]) -> Table:
    return Table("Thiết bị: tỉnh/xã", ["tên", "=giá trị"], rows)


def read_csv(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", NASTY)
def test_a_formula_in_a_csv_is_only_text(text: str) -> None:
    shown = read_csv(to_csv(table(["a", text])))[1][1]
    assert shown == "'" + text


@pytest.mark.parametrize("text", NASTY)
def test_a_formula_in_a_workbook_is_only_text(text: str) -> None:
    data = to_xlsx(table(["a", text]))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert load_workbook(io.BytesIO(data)).active["B2"].data_type == "s"  # type: ignore[index]  # one sheet


def test_a_header_is_harmless_too() -> None:
    assert read_csv(to_csv(table()))[0] == ["tên", "'=giá trị"]


def test_numbers_stay_numbers_and_absent_stays_absent() -> None:
    row = read_csv(to_csv(Table("t", list("abcde"), [[-5, 1.5, None, float("nan"), True]])))[1]
    assert row == ["-5", "1.5", "", "", "true"]
    sheet = load_workbook(io.BytesIO(to_xlsx(Table("t", list("abc"), [[-5, None, 0]])))).active
    assert [cell.value for cell in sheet[2]] == [-5, None, 0]  # type: ignore[index]  # one sheet


def test_times_are_shown_in_the_provinces_zone() -> None:
    at = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
    row = read_csv(to_csv(table([at, date(2026, 11, 22)])))[1]
    assert row == ["2026-11-22T08:02:03+07:00", "2026-11-22"]
    sheet = load_workbook(io.BytesIO(to_xlsx(table([at, None])))).active
    assert sheet["A2"].value == datetime(2026, 11, 22, 8, 2, 3)  # type: ignore[index]  # noqa: DTZ001 - a wall clock


def test_excel_recognises_the_encoding() -> None:
    assert to_csv(table()).startswith(b"\xef\xbb\xbf")


def test_a_title_fits_the_format() -> None:
    book = load_workbook(io.BytesIO(to_xlsx(Table("a/b:c" * 20, ["x"], []))))
    assert len(book.sheetnames[0]) <= 31


def test_an_endless_text_is_cut_not_refused() -> None:
    sheet = load_workbook(io.BytesIO(to_xlsx(table(["x" * 40_000, ""])))).active
    assert len(sheet["A2"].value) == 32_767  # type: ignore[index]  # one sheet


@given(st.text())
def test_no_text_starts_as_a_formula(text: str) -> None:
    assert not harmless(text).lstrip("\t\r\n \u00a0\ufeff").startswith(tuple("=+-@"))


@pytest.mark.slow
@given(st.lists(st.text(), min_size=1, max_size=3))
def test_any_text_can_be_written(row: list[str]) -> None:
    written = Table("t", ["c"] * len(row), [row])
    assert load_workbook(io.BytesIO(to_xlsx(written))).sheetnames
    assert to_csv(written)


def test_a_note_stands_above_the_header() -> None:
    noted = Table("t", ["a"], [[1]], note="=nguồn")
    assert read_csv(to_csv(noted)) == [["'=nguồn"], ["a"], ["1"]]
    sheet = load_workbook(io.BytesIO(to_xlsx(noted))).active
    assert [row[0] for row in sheet.values] == ["'=nguồn", "a", 1]  # type: ignore[union-attr]  # one sheet


def test_a_workbook_holds_one_sheet_a_table() -> None:
    book = load_workbook(io.BytesIO(to_xlsx(Table("một", ["a"], [[1]]), Table("hai", ["b"], []))))
    assert book.sheetnames == ["một", "hai"]
