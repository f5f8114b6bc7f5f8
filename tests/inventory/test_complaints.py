"""What is wrong with a value is said in a clerk's words, with what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from inventory.complaints import PATTERNS
from inventory.kinds.registry import KINDS
from tests.inventory.sheets.test_reading import problems

if TYPE_CHECKING:
    from tests.inventory.sheets.building import Cells

PROGRAMMERS = re.compile(r"should|valid|pattern|\^|\\|None", re.IGNORECASE)
SITES = ["Mã", "Tên điểm", "Đơn vị", "Loại điểm", "Kinh độ", "Số người"]
SERVICES = ["Mã hệ thống", "Tên hệ thống", "Loại dịch vụ", "Đơn vị chủ quản", "Địa chỉ truy cập"]
DEVICES = ["Tên thiết bị", "Địa điểm", "Loại thiết bị", "Nền tảng"]
PEOPLE = ["Mã", "Họ và tên", "Thư điện tử"]
SITE = ["s2", "Nhà D", "tinh", "commune"]


@pytest.mark.parametrize(
    ("title", "rows", "column", "value", "fix"),
    [
        ("Điểm mạng", [SITES, [*SITE, 999, 5]], "E", "999", "180"),
        ("Điểm mạng", [SITES, [*SITE, 107, -3]], "F", "-3", "0 at least"),
        ("Điểm mạng", [SITES, ["s2", "B" * 300, "tinh", "commune", 1, 1]], "B", "BBB", "255"),
        ("Cáp", [["Đầu A", "Đầu B"], ["r1", "r1:eth1"]], "A", "r1", "core-1:eth0"),
        (
            "Dịch vụ",
            [SERVICES, ["hs", "Hồ sơ", "web", "tinh", "portal"]],
            "E",
            "portal",
            "https://",
        ),
        ("Thiết bị", [DEVICES, ["a", "s1", "core", "Cissco"]], "D", "Cissco", "small letters"),
        ("Đầu mối liên hệ", [PEOPLE, ["c1", "An", "an tại tinh"]], "C", "an tại", "an@tinh"),
    ],
)
def test_a_wrong_cell_is_told_by_place_and_value_with_its_fix(
    title: str, rows: Cells, column: str, value: str, fix: str
) -> None:
    (found,) = problems(rows, title)
    assert (found.sheet, found.line, found.column) == (title, 2, column)
    assert found.value.startswith(value)
    assert fix in found.fix
    assert not PROGRAMMERS.search(f"{found.message} {found.fix}")


def test_every_pattern_of_a_field_has_words() -> None:
    seen = {found for kind in KINDS.values() for found in _patterns(kind.row.model_json_schema())}
    # A device's key is hatang's own: nobody types one.
    assert {one for one in seen if "{8}" not in one} <= PATTERNS.keys()


def _patterns(schema: object) -> set[str]:
    if isinstance(schema, dict):
        own = {schema["pattern"]} if isinstance(schema.get("pattern"), str) else set()
        return own.union(*(_patterns(one) for one in schema.values()))
    if isinstance(schema, list):
        return set[str]().union(*(_patterns(one) for one in schema))
    return set()
