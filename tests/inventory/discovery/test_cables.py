"""A cable is as sure as what both its ends say."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.discovery import identifiers
from inventory.discovery.cables import Certainty, End, infer, plugs
from inventory.discovery.facts import Facts, Neighbour
from inventory.discovery.reading import read
from tests.inventory.discovery.network import USER, Box, Network, small


def facts_of(network: Network) -> list[Facts]:
    async def all_of() -> list[Facts]:
        return [
            await read(network.reader(next(iter(box.addresses)), USER), next(iter(box.addresses)))
            for box in network.boxes.values()
        ]

    return asyncio.run(all_of())


def told(devices: list[Facts]) -> set[tuple[str, str, str]]:
    return {
        (
            f"{devices[cable.a.device].name}:{cable.a.port}",
            f"{devices[cable.b.device].name}:{cable.b.port}",
            cable.certainty.value,
        )
        for cable in infer(devices)
    }


def test_what_both_ends_say_is_certain() -> None:
    assert told(facts_of(small())) == {
        ("core-1:eth1", "rtr-01:eth0", "certain"),
        ("core-1:eth2", "rtr-02:eth0", "certain"),
        ("core-1:eth3", "sw-1:Ethernet1", "certain"),
    }


def test_what_one_end_says_is_likely() -> None:
    devices = facts_of(small())
    devices[3] = replace(devices[3], neighbours=())
    assert ("core-1:eth3", "sw-1:Ethernet1", "likely") in told(devices)


def test_two_neighbours_on_one_port_are_no_cable() -> None:
    devices = facts_of(small())
    for place in (1, 3):
        devices[place] = replace(devices[place], neighbours=())
    core = devices[0]
    crowd = tuple(replace(one, port="eth1", port_index=1) for one in core.neighbours)
    devices[0] = replace(core, neighbours=crowd)
    assert not {one for one in told(devices) if "eth1" in one[0] or "eth1" in one[1]}


def test_a_stale_end_does_not_outvote_two_that_agree() -> None:
    devices = facts_of(small())
    old = Neighbour(1, "eth0", "lldp", chassis=devices[3].chassis, port_id="Ethernet1")
    devices[2] = replace(devices[2], neighbours=(old,))
    found = told(devices)
    assert ("core-1:eth3", "sw-1:Ethernet1", "certain") in found
    assert not any("rtr-02:eth0" in one and "sw-1:Ethernet1" in one for one in found)


def plugged() -> tuple[list[Facts], str]:
    """Return a UPS without LLDP on the second port of the switch, and its MAC."""
    network = small()
    ups = network.add(Box("ups-1", 9, speaks_lldp=False))
    ups.add("eth0", "10.250.9.6")
    switch = network.boxes["sw-1"]
    port = switch.add("Ethernet2")
    switch.stations = {ups.mac(1): port, network.boxes["core-1"].mac(3): 1}
    return facts_of(network), ups.mac(1)


def test_a_station_is_plugged_in_where_fewest_are_learnt_and_no_switch_is() -> None:
    devices, mac = plugged()
    assert plugs(devices)[mac].end == End(3, "Ethernet2")
    assert "02:00:00:00:99:99" not in plugs(devices)


def test_a_port_of_a_found_device_is_where_its_cable_ends() -> None:
    network = small()
    mac = network.boxes["rtr-01"].mac(1)
    assert plugs(facts_of(network))[mac].end == End(0, "eth1")


def test_a_port_with_one_station_is_a_guess() -> None:
    devices, _ = plugged()
    assert ("sw-1:Ethernet2", "ups-1:eth0", Certainty.GUESS.value) in told(devices)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Gi1/0/1", "GigabitEthernet1/0/1"),
        ("Te1/1", "TenGigabitEthernet1/1"),
        ("GE0/0/1", "GigabitEthernet0/0/1"),
        ("XGE0/0/1", "XGigabitEthernet0/0/1"),
        ("Et3", "Ethernet3"),
        ("eth1", "eth1"),
    ],
)
def test_a_port_is_known_by_its_short_name(one: str, other: str) -> None:
    assert identifiers.same_port(one, other)
    assert identifiers.same_port(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Gi1/0/1", "GigabitEthernet1/0/11"), ("Te1/1", "GigabitEthernet1/1"), ("", ""), ("1", "2")],
)
def test_another_port_is_not(one: str, other: str) -> None:
    assert not identifiers.same_port(one, other)


@pytest.mark.parametrize(
    ("subtype", "value", "expected"),
    [
        (4, b"\x02\x00\x00\x00\x00\x01", "02:00:00:00:00:01"),
        (5, b"\x01\x0a\x00\x00\x01", "10.0.0.1"),
        (5, b"\x02" + bytes(15) + b"\x01", "::1"),
        (7, "máy chủ".encode(), "máy chủ"),
        (4, b"short", "short"),
        (None, None, ""),
    ],
)
def test_a_chassis_is_read_by_its_subtype(
    subtype: int | None, value: bytes | None, expected: str
) -> None:
    assert identifiers.chassis(subtype, value) == expected


@given(st.one_of(st.binary(max_size=70), st.text(), st.integers(), st.none()), st.integers(0, 9))
def test_no_identifier_breaks_reading_or_leaves_a_control_character(
    value: bytes | str | int | None, subtype: int
) -> None:
    for shown in (
        identifiers.text(value),
        identifiers.chassis(subtype, value),
        identifiers.port(subtype, value),
        identifiers.mac(value),
        identifiers.hexadecimal(value),
    ):
        assert shown.isprintable()
        assert len(shown) <= 255


COLUMNS = (
    "1.3.6.1.2.1.2.2.1.2",
    "1.0.8802.1.1.2.1.4.1.1.5",
    "1.3.6.1.2.1.17.4.3.1.2",
    "1.3.6.1.2.1.4.34.1.3",
    "1.3.6.1.2.1.4.35.1.4",
    "1.0.8802.1.1.2.1.4.2.1.3",
    "1.3.6.1.4.1.9.9.23.1.2.1.1.6",
)
OIDS = st.builds(
    lambda column, arcs: f"{column}.{'.'.join(map(str, arcs))}",
    st.sampled_from(COLUMNS),
    st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=20),
)
VALUES = st.one_of(st.binary(max_size=40), st.integers(), st.text(max_size=20))


@pytest.mark.slow
@given(st.dictionaries(OIDS, VALUES, max_size=12))
def test_no_table_of_an_agent_breaks_reading(cells: dict[str, bytes | int | str]) -> None:
    network = small()
    box = network.boxes["core-1"]
    reader = network.reader("10.250.1.2", USER)
    reader.values.update({**network.instances(box), **cells})  # type: ignore[attr-defined]
    found = asyncio.run(read(reader, "10.250.1.2"))
    infer([found, *facts_of(small())[1:]])
