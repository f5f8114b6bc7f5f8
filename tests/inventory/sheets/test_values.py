"""Each cell becomes its field's value, or a problem with its fix; nothing is guessed."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatang.formulas import harmless
from inventory.sheets.forms import forms
from inventory.sheets.values import Taking, WrongCellError, code_of, take, unquoted
from inventory.sheets.words import vocabulary

FIELDS = {
    "text": ("units", "name"),
    "code": ("units", "code"),
    "kind": ("units", "kind"),
    "date": ("units", "valid_from"),
    "address": ("devices", "primary_ip4"),
    "phone": ("rooms", "contact_phone"),
    "rate": ("circuits", "commit_rate_kbps"),
    "people": ("sites", "people"),
    "latitude": ("sites", "latitude"),
    "serial": ("devices", "serial"),
    "list": ("services", "runs_on"),
}


def taking(name: str, unit: str = "") -> Taking:
    section, path = FIELDS[name]
    words = vocabulary().sections[section].fields[path]
    return Taking(forms(section)[path], words, unit, is_reference=name == "list")


GOOD = [
    ("text", "  Xã\r\nTân Lập ", "Xã Tân Lập"),
    ("text", "'=Xã", "=Xã"),
    ("text", 46, "46"),
    ("code", "xa-01", "xa-01"),
    ("code", "Xã 01", "Xa-01"),
    ("kind", "Phường", "ward"),
    ("kind", "commune", "commune"),
    ("date", "1/7/2025", date(2025, 7, 1)),
    ("date", "2025-07-01", date(2025, 7, 1)),
    ("date", datetime.fromisoformat("2025-07-01"), date(2025, 7, 1)),
    ("date", 45839, date(2025, 7, 1)),
    ("address", "10, 46. 1 .1", "10.46.1.1"),
    ("address", "010.046.001.001", "10.46.1.1"),
    ("address", "10.46.1.1/24", "10.46.1.1"),
    ("address", 192168100200, "192.168.100.200"),
    ("address", 10100100100, "10.100.100.100"),
    ("phone", 912345678, "0912345678"),
    ("phone", "912 345 678", "0912 345 678"),
    ("phone", 2343822222, "02343822222"),
    ("phone", "0234.3822.222", "0234.3822.222"),
    ("phone", 18001260, "18001260"),
    ("phone", "'+84 234 3822222", "+84 234 3822222"),
    ("rate", "100 Mbps", 100_000),
    ("rate", "1 Gb/s", 1_000_000),
    ("rate", "1,5 Mbit/s", 1500),
    ("people", "1.234", 1234),
    ("people", "25", 25),
    ("latitude", "16,4637", 16.4637),
    ("latitude", "16°27'49\"N", 16.463611),
    ("serial", 12345, "12345"),
    ("list", "a; b,c", ["a", "b,c"]),
    ("list", "a, b", ["a", "b"]),
]
BAD = [
    ("text", date(2025, 2, 1), "is a date"),
    ("text", True, "logical"),
    ("code", "—", "is no code"),
    ("kind", "Huyện", "known words"),
    ("date", "31/02/2025", "is no date"),
    ("date", "7/2025", "is no date"),
    ("date", "01/07/25", "is no date"),
    ("date", 7, "is no date"),
    ("address", 10.461, "is a number"),
    ("address", 999999999999, "is a number"),
    ("rate", "nhanh", "is no quantity"),
    ("rate", "100", "has no unit"),
    ("rate", 100, "has no unit"),
    ("rate", "1.544 Mbps", "two ways"),
    ("rate", "100/100 Mbps", "is no quantity"),
    ("rate", "0,0001 Mbps", "whole number of kbps"),
    ("people", "vài người", "whole number"),
    ("people", 1.5, "whole number"),
    ("latitude", "Huế", "is no number"),
    ("serial", 1234567890123456789, "more than 15 digits"),
]


@pytest.mark.parametrize(("name", "cell", "value"), GOOD)
def test_a_cell_is_taken(name: str, cell: object, value: object) -> None:
    assert take(cell, taking(name)).value == value  # type: ignore[arg-type]  # any cell


@pytest.mark.parametrize(("name", "cell", "message"), BAD)
def test_a_wrong_cell_is_told_with_its_fix(name: str, cell: object, message: str) -> None:
    with pytest.raises(WrongCellError, match=message) as wrong:
        take(cell, taking(name))  # type: ignore[arg-type]  # any cell
    assert wrong.value.fix


@pytest.mark.parametrize(("name", "cell", "_value"), GOOD)
def test_what_is_not_taken_as_it_stands_says_why(name: str, cell: object, _value: object) -> None:
    taken = take(cell, taking(name))  # type: ignore[arg-type]  # any cell
    as_it_stands = isinstance(taken.value, list) or str(taken.value) == str(cell).strip()
    is_word = name in {"kind", "date"} and not isinstance(cell, int)
    is_kept = name == "date" or is_word
    assert taken.why or as_it_stands or is_kept


def test_the_header_names_the_unit() -> None:
    assert take(100, taking("rate", "mbps")).value == 100_000


def test_a_cells_own_unit_counts_more_than_the_headers() -> None:
    assert take("2 Gbps", taking("rate", "mbps")).value == 2_000_000


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_an_exports_apostrophe_is_undone(text: str) -> None:
    # The export adds one more before apostrophes that stand before a formula already.
    quoted = f"'{text}" if harmless(text.lstrip("'")) != text.lstrip("'") else text
    assert unquoted(quoted) == text


@given(st.text())
def test_any_text_makes_a_code_or_none(text: str) -> None:
    made = code_of(text)
    assert made == "" or take(made, taking("code")).value == made


CELLS = st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.dates(), st.datetimes())


@given(st.sampled_from(list(FIELDS)), CELLS)
def test_any_cell_is_taken_or_told(name: str, cell: object) -> None:
    try:
        take(cell, taking(name, "mbps"))  # type: ignore[arg-type]  # any cell
    except WrongCellError as wrong:
        assert wrong.message  # noqa: PT017 - either is right
