"""A workbook becomes rows; what stands around them is told and left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory import records
from inventory.choices import ElementKind
from inventory.sheets.headers import hints
from inventory.sheets.reading import settle, understand
from tests.inventory.sheets.building import Cells, read, saved, workbook, xlsx

if TYPE_CHECKING:
    from hatang.errors import Problem
    from inventory.sheets.drafts import Known
    from inventory.sheets.findings import Reading

KNOWN: dict[ElementKind, dict[str, dict[str, Any]]] = {
    ElementKind.UNIT: {
        "tinh": {"name": "Ủy ban nhân dân tỉnh", "kind": "province"},
        "xa-01": {"name": "Xã Tân Lập", "kind": "commune"},
        "xa-09": {"name": "Xã Hai Nơi", "kind": "commune"},
    },
    ElementKind.SITE: {
        "dc": {"name": "Trung tâm dữ liệu", "unit": "tinh", "kind": "datacentre"},
        "s1": {"name": "Nhà A", "unit": "xa-01", "kind": "commune"},
        "s8": {"name": "Nhà B", "unit": "xa-09", "kind": "commune"},
        "s9": {"name": "Nhà C", "unit": "xa-09", "kind": "commune"},
    },
    ElementKind.DEVICE: {
        "r1": {"site": "s1", "role": "core", "platform": "frr", "ports": {"ssh": 1, "snmp": 2}}
    },
}
Line = list[str | float | None]
HEAD: Line = ["STT", "Mã xã", "Tên xã", "Trực thuộc"]
ROW: Line = [1, "xa-02", "Xã Mới", "tinh"]


def reading(rows: Cells, title: str = "Sheet1", *, hidden: bool = False) -> Reading:
    return understand(read(xlsx(rows, title)), KNOWN, hidden=hidden)


def rows_of(rows: Cells, title: str = "Sheet1") -> list[dict[str, Any]]:
    root = reading(rows, title).tree.root
    return [row for name, found in root.items() if name != "version" for row in found]


def problems(rows: Cells, title: str = "Sheet1") -> list[Problem]:
    found = reading(rows, title)
    return settle(found, records.collect(found.tree, found.where).problems)


def skipped(rows: Cells) -> dict[str, str]:
    return {one.place: one.why for one in reading(rows).skipped}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ([None, None, "Tổng cộng", 12], "a total"),
        (["Tổng số: 12"], "a total"),
        (["II", "Khu vực miền núi"], "a heading over rows"),
        ([None, "A. Khu vực miền núi"], "a heading over rows"),
        (["Ghi chú: số liệu tạm"], "a note"),
        ([2], "has nothing in the columns that are imported"),
        (HEAD, "the header again"),
    ],
)
def test_a_row_that_is_no_data_is_told(row: Line, why: str) -> None:
    assert skipped([HEAD, ROW, row]) == {"3": why}
    assert len(rows_of([HEAD, ROW, row])) == 1


@pytest.mark.parametrize("name", ["Tổng công ty Điện lực", "Nguồn Sáng", "Cộng Hòa", "A. Lưới"])
def test_a_name_that_looks_like_none_is_data(name: str) -> None:
    rows = rows_of([["Mã", "Tên", "Cấp"], ["a", name, "unit"]], "Đơn vị")
    assert [row["name"] for row in rows] == [name]


def test_numbers_under_the_header_are_no_row() -> None:
    rows: list[Line] = [HEAD, ["(1)", "(2)", "(3)", "(4)"], ROW]
    assert skipped(rows) == {"2": "numbers the columns"}


def test_a_table_may_follow_another() -> None:
    services: Line = ["Tên hệ thống", "Mã hệ thống", "Loại dịch vụ", "Đơn vị chủ quản"]
    rows: list[Line] = [HEAD, ROW, [None], services, ["Thư điện tử", "mail", "mail", "tinh"]]
    found = reading(rows)
    assert [(one.section, one.rows) for one in found.tables] == [("units", 1), ("services", 1)]


def test_repairs_come_in_the_order_of_their_cells() -> None:
    found = reading([HEAD, [1, "xa 7", "Xã\nBảy", "TINH"], [2, "xa 8", "Xã Tám", "tinh"]])
    assert [f"{one.column}{one.row}" for one in found.repairs] == [
        *("B2", "C2", "C2", "D2"),
        *("B3", "C3"),
    ]


def test_two_header_rows_are_one_header() -> None:
    book, sheet = workbook(
        [
            ["Mã kênh", "Nhà mạng", "Điểm đầu", None, "Điểm cuối", None, "Tốc độ"],
            [None, None, "Mã", "Địa chỉ", "Tên", "Địa chỉ", "(Mbps)"],
            ["k1", "VNPT", "dc", "Huế", "Nhà A", "Huế", 4],
        ]
    )
    for merged in ("C1:D1", "E1:F1"):
        sheet.merge_cells(merged)
    found = understand(read(saved(book)), KNOWN)
    assert found.tree.root["circuits"] == [
        {"cid": "k1", "provider": "VNPT", "a": "dc", "z": "s1", "commit_rate_kbps": 4000}
    ]


def test_merged_cells_count_for_all_their_rows() -> None:
    book, sheet = workbook([HEAD, ROW, [2, "xa-03", "Xã Khác", None]])
    sheet.merge_cells("D2:D3")
    found = understand(read(saved(book)), KNOWN)
    assert [row["parent"] for row in found.tree.root["units"]] == ["tinh", "tinh"]
    assert "merged with row 2" in {one.why for one in found.repairs}


def test_hidden_parts_are_imported_only_when_asked() -> None:
    book, sheet = workbook([HEAD, ROW, [2, "xa-03", "Xã Khác", "tinh"]])
    sheet.row_dimensions[3].hidden = True
    other = book.create_sheet("Xã cũ")
    other.append(HEAD)
    other.append([1, "xa-04", "Xã Cũ", "tinh"])
    other.sheet_state = "hidden"
    opened = read(saved(book))
    found = understand(opened, KNOWN)
    assert {(one.what, one.place, one.why) for one in found.skipped} == {
        ("row", "3", "is hidden"),
        ("sheet", "", "is hidden"),
    }
    codes = [row["code"] for row in understand(opened, KNOWN, hidden=True).tree.root["units"]]
    assert codes == ["xa-02", "xa-03", "xa-04"]


def test_a_heading_over_rows_says_what_they_are() -> None:
    rows: list[Line] = [["STT", "Mã", "Tên đơn vị"], ["I", "Các sở, ban, ngành"], [1, "x", "Thuế"]]
    found = reading(rows, "Đơn vị")
    assert found.tree.root["units"] == [{"code": "x", "name": "Thuế", "kind": "department"}]
    assert [(one.before, one.after) for one in found.repairs] == [
        ("Các sở, ban, ngành", "department")
    ]


def test_a_site_takes_its_kind_from_its_unit() -> None:
    rows = rows_of([["Mã điểm", "Tên điểm", "Đơn vị"], ["s2", "Nhà D", "Xã Tân Lập"]], "Điểm mạng")
    assert rows == [{"slug": "s2", "name": "Nhà D", "unit": "xa-01", "kind": "commune"}]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("s1", "s1"),
        ("S1", "s1"),
        ("nhà a", "s1"),
        ("Xã Tân Lập", "s1"),
        ("UBND xã Tân Lập", "s1"),
    ],
)
def test_a_reference_is_found_by_code_name_or_unit(text: str, key: str) -> None:
    rows = rows_of([["Mã phòng", "Tên phòng", "Đơn vị"], ["p", "Phòng 1", text]], "Phòng họp")
    assert rows[0]["site"] == key


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Xã Hai Nơi", "is a unit with several sites: s8, s9"),
        ("Xã Không Có", "names no site"),
    ],
)
def test_a_reference_that_could_be_two_is_not_guessed(text: str, message: str) -> None:
    found = problems([["Mã phòng", "Tên phòng", "Đơn vị"], ["p", "Phòng 1", text]], "Phòng họp")
    told = [(one.message, one.line, one.column, one.header, one.value) for one in found]
    assert told == [(message, 2, "C", "Đơn vị", text)]


def test_known_elements_need_no_column_for_what_does_not_change() -> None:
    rows = rows_of([["Tên thiết bị", "Số cổng SSH"], ["r1", 22]], "Thiết bị")
    assert rows == [
        {"name": "r1", "ports": {"ssh": 22, "snmp": 2}, "site": "s1", "role": "core",
         "platform": "frr"}
    ]  # fmt: skip


def test_a_column_that_new_rows_need_is_missed_once() -> None:
    found = problems([["Tên thiết bị", "Điểm mạng", "Nền tảng"], ["a", "s1", "frr"],
                      ["b", "s1", "frr"]], "Thiết bị")  # fmt: skip
    assert [(one.field, one.line) for one in found] == [("role", 1)]
    assert "Vai trò" in found[0].fix


def test_a_formula_nobody_computed_is_named_by_its_cell() -> None:
    book, sheet = workbook([HEAD, ROW])
    sheet["C2"] = "=UPPER(B2)"
    found = understand(read(saved(book)), KNOWN)
    (problem,) = settle(found, records.collect(found.tree, found.where).problems)
    assert (problem.line, problem.column, problem.header) == (2, "C", "Tên xã")
    assert "formula" in problem.message


def test_two_columns_of_one_field_are_refused() -> None:
    rows = [["Mã xã", "Tên xã", "Tên đơn vị", "Cấp"], ["a", "Xã A", "Xã B", "commune"]]
    assert [(one.column, one.line) for one in problems(rows, "Đơn vị")] == [("C", 1)]


def test_a_key_given_twice_is_told_with_its_sheet() -> None:
    book, sheet = workbook([HEAD, ROW], "Xã")
    sheet.append(ROW)
    found = understand(read(saved(book)), KNOWN)
    (problem,) = settle(found, records.collect(found.tree, found.where).problems)
    assert (problem.sheet, problem.line, problem.column) == ("Xã", 3, "B")


def test_a_workbook_without_a_table_says_what_to_do() -> None:
    (problem,) = problems([["Xin chào"], ["Không có gì"]])
    assert "template" in problem.fix


def test_a_sheet_named_after_a_kind_must_have_its_header() -> None:
    found = problems([["u1", "u2"], ["u3", "u4"]], "Thiết bị")
    assert ("devices", "has no header row that is known") in {
        (one.field, one.message) for one in found
    }


def test_an_unknown_provider_comes_along_and_a_misspelt_one_does_not() -> None:
    known: Known = {**KNOWN, ElementKind.PROVIDER: {"Viettel": {}}}
    head = ["Mã kênh", "Nhà cung cấp", "Điểm đầu", "Điểm cuối", "Hotline nhà mạng"]
    opened = read(xlsx([head, ["a", "VNPT", "dc", "s1", 18001166]], "Kênh truyền"))
    found = understand(opened, known)
    assert found.tree.root["providers"] == [{"name": "VNPT", "hotline": "18001166"}]
    opened = read(xlsx([head, ["a", "Vietel", "dc", "s1", None]], "Kênh truyền"))
    (problem,) = understand(opened, known).problems
    assert "Viettel" in problem.fix


def test_the_longest_phrase_of_a_title_says_what_the_table_is() -> None:
    found = hints(["Sheet1"], ["DANH SÁCH THIẾT BỊ ĐẦU CUỐI HỘI NGHỊ"])
    assert max(found, key=lambda one: found[one]) == "endpoints"


TEXTS = st.one_of(
    st.none(),
    st.sampled_from([*HEAD, "Điểm cầu", "Băng thông (Mbps)", "I", "Tổng cộng", "Ghi chú", "tinh"]),
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
)


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(st.lists(TEXTS, max_size=6), max_size=8), st.sampled_from(["Sheet1", "Đơn vị"]))
def test_any_workbook_is_rows_or_problems(rows: Cells, title: str) -> None:
    book, sheet = workbook([], title)
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
    found = understand(read(saved(book)), KNOWN)
    told = settle(found, records.collect(found.tree, found.where).problems)
    assert all(one.message and one.fix and one.where for one in told)
    assert told or found.tables


def test_a_name_that_two_bear_is_refused_with_both_codes() -> None:
    twins: Known = {
        ElementKind.UNIT: {"u1": {"name": "Xã Sinh Đôi"}, "u2": {"name": "Xã Sinh Đôi"}}
    }
    opened = read(xlsx([HEAD, [1, "xa-5", "Xã Năm", "Xã Sinh Đôi"]]))
    (problem,) = understand(opened, twins).problems
    assert (problem.message, problem.column) == ("is the name of several: u1, u2", "D")
