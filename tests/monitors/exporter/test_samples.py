"""Samples made of values as snmp_exporter's definitions say."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hatang.errors import InvalidInputError
from monitors.exporter.reading import read
from monitors.exporter.samples import Page, fill
from monitors.exporter.schema import Definition, read_definitions
from tests.monitors.replay import Recording

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.drivers.protocols import SnmpValue

TABLE = "1.3.6.1.4.1.99999.1"
INDEX = [{"labelname": "row", "type": "gauge"}]


def shown(values: dict[str, SnmpValue], *metrics: dict[str, Any], **more: Any) -> dict[str, float]:
    """Return what a definition with these metrics shows of an agent, by series."""
    given: dict[str, Any] = {"walk": [TABLE], "metrics": list(metrics), **more}
    definition = Definition.model_validate(given)
    page = Page.empty()
    fill(page, definition, asyncio.run(read(Recording(values), definition)))
    return {
        f"{s.name}{dict(sorted(s.labels.items()))}": s.value
        for family in text_string_to_metric_families(page.text())
        for s in family.samples
    }


def metric(kind: str, column: int = 2, **more: Any) -> dict[str, Any]:
    return {"name": "m", "oid": f"{TABLE}.{column}", "type": kind, "indexes": INDEX, **more}


STATES = {1: "up", 2: "down"}
EXTRACT = {"Celsius": [{"regex": "no"}, {"regex": "t=([0-9.]+) C.*", "value": "$1"}]}
SHOWN: list[tuple[dict[str, Any], Any, dict[str, float]]] = [
    (metric("gauge"), 7, {"m{'row': '5'}": 7}),
    (metric("counter"), 2**53 + 3, {"m_total{'row': '5'}": 3}),
    (metric("gauge"), b"no number", {}),
    (metric("DisplayString"), b"ab\xff\xfe", {"m{'m': 'ab\ufffd', 'row': '5'}": 1}),
    (metric("OctetString"), b"\x01\xab", {"m{'m': '0x01AB', 'row': '5'}": 1}),
    (metric("OctetString"), b"", {"m{'m': '', 'row': '5'}": 1}),
    (metric("OctetString"), "1.3.6.1", {"m{'m': '1.3.6.1', 'row': '5'}": 1}),
    (metric("PhysAddress48"), b"\0\1\2\3\4\xff", {"m{'m': '00:01:02:03:04:FF', 'row': '5'}": 1}),
    (metric("EnumAsInfo", enum_values=STATES), 2, {"m_info{'m': 'down', 'row': '5'}": 1}),
    (metric("EnumAsInfo", enum_values=STATES), 9, {"m_info{'m': '9', 'row': '5'}": 1}),
    (
        metric("EnumAsStateSet", enum_values=STATES),
        2,
        {"m{'m': 'down', 'row': '5'}": 1, "m{'m': 'up', 'row': '5'}": 0},
    ),
    (
        metric("Bits", enum_values={0: "first", 9: "last", 99: "none"}),
        b"\x80\x40",
        {
            "m{'m': 'first', 'row': '5'}": 1,
            "m{'m': 'last', 'row': '5'}": 1,
            "m{'m': 'none', 'row': '5'}": 0,
        },
    ),
    (metric("DateAndTime"), b"\x07\xb2\1\1\0\0\x05\0", {"m{'row': '5'}": 5}),
    (metric("DisplayString", regex_extracts=EXTRACT), b"t=21.5 C", {"mCelsius{'row': '5'}": 21.5}),
    (metric("DisplayString", regex_extracts=EXTRACT), b"warm: t=21.5 C", {}),
]


@pytest.mark.parametrize(("about", "value", "expected"), SHOWN)
def test_a_value_is_shown_as_its_type_says(
    about: dict[str, Any], value: Any, expected: dict[str, float]
) -> None:
    assert shown({f"{TABLE}.2.5": value}, about) == expected


INDEXES = [
    ({"type": "PhysAddress48"}, "0.1.2.3.4.255", "00:01:02:03:04:FF"),
    ({"type": "DisplayString"}, "2.97.98", "ab"),
    ({"type": "DisplayString", "implied": True}, "97.98", "ab"),
    ({"type": "OctetString", "fixed_size": 2}, "1.171", "0x01AB"),
    ({"type": "OctetString"}, "200.1.171", "0x01AB"),
    ({"type": "InetAddressIPv4"}, "10.0.0.1", "10.0.0.1"),
    ({"type": "InetAddress"}, "1.4.10.0.0.1", "10.0.0.1"),
    ({"type": "InetAddressMissingSize"}, "1.10.0.0.1", "10.0.0.1"),
    ({"type": "EnumAsInfo", "enum_values": STATES}, "2", "down"),
]


@pytest.mark.parametrize(("index", "row", "expected"), INDEXES)
def test_a_row_is_labelled_as_its_index_says(
    index: dict[str, Any], row: str, expected: str
) -> None:
    about = metric("gauge", indexes=[{"labelname": "row", **index}])
    assert shown({f"{TABLE}.2.{row}": 7}, about) == {f"m{{'row': '{expected}'}}": 7}


def test_an_ipv6_index_is_written_in_pairs() -> None:
    row = ".".join(["2", "16", "32", "1", *["0"] * 13, "1"])
    about = metric("gauge", indexes=[{"labelname": "row", "type": "InetAddress"}])
    assert "2001:0000:0000:0000:0000:0000:0000:0001" in next(
        iter(shown({f"{TABLE}.2.{row}": 7}, about))
    )


def test_a_label_comes_from_another_column_and_an_index_may_be_dropped() -> None:
    lookups = [
        {"labels": ["row"], "labelname": "name", "oid": f"{TABLE}.3", "type": "DisplayString"},
        {"labels": [], "labelname": "row"},
    ]
    values: dict[str, SnmpValue] = {f"{TABLE}.2.5": 7, f"{TABLE}.3.5": b"fan"}
    assert shown(values, metric("gauge", lookups=lookups)) == {"m{'name': 'fan'}": 7}


def test_a_label_may_be_two_look_ups_away() -> None:
    lookups = [
        {"labels": ["row"], "labelname": "unit", "oid": f"{TABLE}.3", "type": "gauge"},
        {"labels": ["unit"], "labelname": "name", "oid": f"{TABLE}.4", "type": "DisplayString"},
    ]
    values: dict[str, SnmpValue] = {
        f"{TABLE}.2.5": 7,
        f"{TABLE}.3.5": 2,
        f"{TABLE}.4.2": b"second",
    }
    found = shown(values, metric("gauge", lookups=lookups))
    assert found == {"m{'name': 'second', 'row': '5', 'unit': '2'}": 7}


def test_an_address_is_written_as_the_column_before_it_says() -> None:
    values: dict[str, SnmpValue] = {f"{TABLE}.2.5": 1, f"{TABLE}.3.5": b"\x0a\0\0\1"}
    assert shown(values, metric("InetAddress", 3)) == {"m{'m': '10.0.0.1', 'row': '5'}": 1}


def test_of_rows_that_cannot_be_told_apart_the_first_stays() -> None:
    lookups = [{"labels": [], "labelname": "row"}]
    values: dict[str, SnmpValue] = {f"{TABLE}.2.5": 7, f"{TABLE}.2.6": 8}
    assert shown(values, metric("gauge", lookups=lookups)) == {"m{}": 7}


def test_only_what_is_walked_is_shown() -> None:
    values: dict[str, SnmpValue] = {f"{TABLE}.2.5": 7, f"{TABLE}.2.6": 8, f"{TABLE}.3.5": 9}
    other = metric("gauge", 3, name="n")
    assert shown(values, metric("gauge"), other, walk=[f"{TABLE}.2.5"], get=[]) == {}
    rows = [{"labelname": "row", "type": "gauge"}, {"labelname": "part", "type": "gauge"}]
    deep: dict[str, SnmpValue] = {f"{TABLE}.2.5.1": 7, f"{TABLE}.2.6.1": 8}
    found = shown(deep, metric("gauge", indexes=rows), walk=[f"{TABLE}.2.5"])
    assert found == {"m{'part': '1', 'row': '5'}": 7}


def test_a_single_value_is_asked_for_by_name() -> None:
    about = {"name": "m", "oid": f"{TABLE}.9", "type": "gauge"}
    assert shown({f"{TABLE}.9.0": 7}, about, walk=[], get=[f"{TABLE}.9.0"]) == {"m{}": 7}


@pytest.mark.parametrize(
    "text",
    ["one: {{walk: [{t}], metrics: []}}", "auths: {{}}\nmodules: {{one: {{walk: [{t}]}}}}"],
)
def test_files_of_before_and_since_0_23_are_read(text: str, tmp_path: Path) -> None:
    path = tmp_path / "snmp.yml"
    path.write_text(text.format(t=TABLE))
    assert set(read_definitions(path)) == {"if_mib", "one"}


@pytest.mark.parametrize(
    "text",
    ["[", "one: {metrics: [{name: m, oid: x, type: gauge}]}", "one: {walk: 7}", "- one"],
)
def test_a_file_of_another_form_is_told_what_is_wrong(text: str, tmp_path: Path) -> None:
    path = tmp_path / "snmp.yml"
    path.write_text(text)
    with pytest.raises(InvalidInputError):
        read_definitions(path)
