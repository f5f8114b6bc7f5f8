"""Rows out of what commands print: JSON by paths, text by patterns, templates without a fuss."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatang.drivers.fakes import FakeCli
from inventory import platforms
from inventory.discovery import shell, tables, templates

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab*"), inner, max_size=3)
    ),
    max_leaves=20,
)
# As FRRouting 8.4.4 printed it.
FRR = {
    "lo": {"administrativeStatus": "up", "operationalStatus": "up", "ipAddresses": []},
    "veth0": {
        "administrativeStatus": "up",
        "operationalStatus": "down",
        "description": "uplink x",
        "mtu": 1500,
        "hardwareAddress": "be:e1:81:0a:61:82",
        "ipAddresses": [{"address": "10.1.1.1/24", "secondary": False}],
    },
    "veth1": {"administrativeStatus": "down", "mtu": 1500, "ipAddresses": []},
}  # fmt: skip


def test_a_row_knows_its_key_and_the_rows_above_it() -> None:
    document = {"ports": {"e1": {"units": [{"name": "e1.0"}, {"name": "e1.1"}]}, "e2": {}}}
    found = tables.rows(document, "ports/*/units/*")
    assert [row.get("name") for row in found] == ["e1.0", "e1.1"]
    assert {row.get("../@key") for row in found} == {"e1"}


def test_the_values_of_junos_are_looked_into() -> None:
    document = {"all": [{"attributes": {}, "one": [{"name": [{"data": "ge-0/0/0"}]}]}]}
    (row,) = tables.rows(document, "all/one/*")
    assert (row.get("name"), row.get("none|name"), row.get("none")) == ("ge-0/0/0", "ge-0/0/0", "")


@given(JSON, st.sampled_from(["a", "*", "a/*", "*/*/b", "a/*/b/*"]))
def test_no_document_breaks_a_path(document: object, path: str) -> None:
    for row in tables.rows(document, path):
        row.get("../../a|@key|b/a")


def test_frr_is_read_by_its_json() -> None:
    answers = {
        "show interface json": json.dumps(FRR),
        "show version": "FRRouting 8.4.4 (rtr-1) on Linux(6.1.0).\nCopyright 1996-2005\n",
    }
    found = shell.read(FakeCli(dict(answers)), platforms.get("frr"), "10.1.1.1")
    assert (found.name, found.version, found.gaps) == ("rtr-1", "8.4.4", ())
    ports = {port.name: port for port in found.ports}
    assert (ports["veth0"].description, ports["veth0"].mac) == ("uplink x", "be:e1:81:0a:61:82")
    assert [(port.is_enabled, port.is_up) for port in found.ports] == [
        (True, True),
        (True, False),
        (False, None),
    ]
    assert [(one.address, one.length) for one in found.addresses] == [("10.1.1.1", 24)]


def test_what_is_no_json_is_a_gap() -> None:
    found = shell.read(FakeCli({"show interface json": "% Unknown"}), platforms.get("frr"), "")
    assert "show interface json: is no JSON" in found.gaps


@pytest.mark.slow
def test_a_line_that_no_template_knows_costs_itself() -> None:
    text = "GigabitEthernet0/1 is up, line protocol is up\n  A line of another release\n"
    (row,) = templates.parse("cisco_ios", "show interfaces", text)
    assert row["interface"] == "GigabitEthernet0/1"


@pytest.mark.slow
def test_a_command_without_a_template_is_named() -> None:
    with pytest.raises(templates.NotKnownError):
        templates.parse("cisco_ios", "show nonsense", "x")
