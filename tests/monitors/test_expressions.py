from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.modules.expressions import (
    MAX_TEXT,
    Place,
    as_text,
    number,
    parse_sum,
    parse_text,
)
from monitors.modules.indexes import IndexPart, split_index

PLACE = Place(
    {
        "used": {"1": 30, "2": b"42 %"},
        "total": {"1": 120},
        "unit": {"1": 1001},
        "name": {"1001": b"Fan tray", "7": b"Slot seven"},
    },
    {"load": b"13.5 C"},
    {"slot": "7"},
    "1",
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("used", 30),
        ("used@2", 42),
        ("total - used", 90),
        ("total - 2*used", 60),
        ("0.1*used + total", 123),
        ("load", 13.5),
        ("gone", None),
        ("total - gone", None),
    ],
)
def test_a_sum_counts_only_when_every_term_is_there(text: str, value: float | None) -> None:
    assert PLACE.number(parse_sum(text)) == value


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{name@unit@#}", "Fan tray"),
        ("{name@slot} / {slot}", "Slot seven / 7"),
        ("port {#}", "port 1"),
        ("{gone} and more", ""),
    ],
)
def test_a_text_is_empty_when_a_part_of_it_is(text: str, shown: str) -> None:
    assert PLACE.text(parse_text(text)) == shown


@pytest.mark.parametrize("text", ["", "a b", "a -b", "a * b", "a@", "@a", "{a}", "a - "])
def test_what_is_no_sum_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no sum"):
        parse_sum(text)


@pytest.mark.parametrize(
    ("value", "meant"),
    [(b"23.5 C/74 F", 23.5), ("-5", -5), (b"n/a", None), (b"\xff", None), (3, 3), (None, None)],
)
def test_the_number_a_text_begins_with_is_its_value(
    value: bytes | str | int | None, meant: float | None
) -> None:
    assert number(value) == meant


@given(st.binary(max_size=2000))
def test_any_octets_become_short_printable_text(value: bytes) -> None:
    text = as_text(value)
    assert len(text) <= MAX_TEXT
    assert text.isprintable()


@pytest.mark.parametrize(
    ("kinds", "index", "parts"),
    [
        (["integer"], "12", ("12",)),
        (["ipv4", "integer"], "10.0.0.1.0", ("10.0.0.1", "0")),
        (["mac"], "104.40.207.199.233.192", ("68:28:cf:c7:e9:c0",)),
        (["string", "integer"], "3.97.98.99.5", ("abc", "5")),
        (["implied"], "97.98", ("ab",)),
        (["string"], "2.0.255", ("00:ff",)),
        (["inet"], "1.4.10.0.0.1", ("10.0.0.1",)),
        (["inet", "integer"], "2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1.3", ("2001:db8::1", "3")),
        (["integer", "oid"], "1.2.3.4", ("1", "2.3.4")),
        (["integer"], "1.2", None),
        (["ipv4"], "1.2.3", None),
        (["string"], "9.97", None),
        (["inet"], "1.4.10.0", None),
        (["mac"], "1.2.3.4.5.999", None),
    ],
)
def test_an_index_is_read_as_its_parts_or_not_at_all(
    kinds: list[str], index: str, parts: tuple[str, ...] | None
) -> None:
    declared = [IndexPart.model_validate({"name": f"p{n}", "kind": k}) for n, k in enumerate(kinds)]
    assert split_index(index, declared) == parts


@given(
    st.lists(st.integers(0, 2**32 - 1), max_size=20),
    st.lists(
        st.sampled_from(["integer", "ipv4", "mac", "string", "implied", "inet", "oid"]), max_size=4
    ),
)
def test_no_index_makes_the_reading_of_it_fail(numbers: list[int], kinds: list[str]) -> None:
    declared = [IndexPart.model_validate({"name": f"p{n}", "kind": k}) for n, k in enumerate(kinds)]
    found = split_index(".".join(map(str, numbers)), declared)
    assert found is None or len(found) == len(declared)
