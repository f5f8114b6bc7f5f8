"""Ports, addresses and VLANs that a device tells of and nobody wrote down are proposed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from inventory import service as inventory
from inventory.choices import ElementKind
from inventory.discovery import known, proposals
from inventory.discovery.facts import Facts, InterfaceAddress, Port
from inventory.inbox import service as inbox
from inventory.rows import EVERYTHING
from tests.inventory.discovery.network import small
from tests.inventory.discovery.test_service import (
    accept_all,
    places,
    run,
    settled,
    shown,
    summary,
    waiting,
)

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import Database
    from tests.inventory.discovery.network import Network

pytestmark = pytest.mark.slow
__all__ = ["places"]


def grown() -> Network:
    """Return the small network, its switch with a port, an address and VLANs more."""
    network = small()
    switch = network.boxes["sw-1"]
    switch.add("Ethernet2", "10.250.20.1")
    switch.vlans = {1: "default", 20: "VAN-PHONG", 30: ""}
    return network


def test_a_new_device_takes_its_ports_addresses_and_vlans_along(
    places: Database, engineer: Actor
) -> None:
    settled(places, engineer, grown())
    with places.read() as session:
        port = inventory.get_element(session, engineer, ElementKind.INTERFACE, "sw-1:Ethernet2")
        address = inventory.get_element(session, engineer, ElementKind.ADDRESS, "10.250.20.1/24")
        vlans = inventory.list_elements(session, engineer, ElementKind.VLAN, EVERYTHING).items
    assert port.fields["mac_address"] == "02:00:00:00:04:02"
    assert address.fields["interface"] == "sw-1:Ethernet2"
    assert {row.key: row.fields["name"] for row in vlans} == {
        "dc/20": "VAN-PHONG",
        "dc/30": "VLAN 30",
    }


def test_what_a_known_device_has_more_is_proposed_and_accepted_row_by_row(
    places: Database, engineer: Actor
) -> None:
    settled(places, engineer, small())
    run(places, engineer, grown())
    rows = waiting(places, engineer)
    assert sorted(summary(rows)) == [
        ("new_address", "sw-1:10.250.20.1/24"),
        ("new_port", "sw-1:Ethernet2"),
        ("new_vlan", "dc/20"),
        ("new_vlan", "dc/30"),
    ]
    (address,) = (row for row in rows if row.kind == "new_address")
    with places.write() as session:
        inbox.accept(session, engineer, shown(address))
    with places.read() as session:
        held = inventory.get_element(session, engineer, ElementKind.ADDRESS, "10.250.20.1/24")
    assert held.fields["interface"] == "sw-1:Ethernet2"
    run(places, engineer, grown())
    assert [kind for kind, _ in sorted(summary(waiting(places, engineer)))] == 2 * ["new_vlan"]
    accept_all(places, engineer)
    run(places, engineer, grown())
    assert waiting(places, engineer) == []


def test_a_port_that_is_there_no_longer_leaves_the_inbox(places: Database, engineer: Actor) -> None:
    settled(places, engineer, small())
    run(places, engineer, grown())
    run(places, engineer, small())
    assert {row.kind for row in waiting(places, engineer)} == {"new_vlan"}


def test_an_address_that_two_devices_say_is_theirs_is_not_given_to_one(
    places: Database, engineer: Actor
) -> None:
    network = small()
    settled(places, engineer, network)
    for name in ("rtr-01", "rtr-02"):
        network.boxes[name].addresses["10.250.99.1"] = 1
    run(places, engineer, network)
    assert waiting(places, engineer, kind="new_address") == []


def test_proposing_takes_as_many_statements_for_many_ports_as_for_one(
    places: Database, engineer: Actor
) -> None:
    settled(places, engineer, small())
    one, many = (_statements(places, engineer, count) for count in (1, 40))
    assert one == many


def _statements(db: Database, actor: Actor, ports: int) -> int:
    told = Counter[str]()

    def count(*_: object) -> None:
        told["statements"] += 1

    found = [_facts(name, number, ports) for number, name in enumerate(("rtr-01", "rtr-02"), 1)]
    with db.read() as session:
        memory = known.recall(session, actor)
        matches = known.match(found, memory)
        event.listen(session.connection(), "before_cursor_execute", count)
        listed = proposals.propose(session, actor, matches, memory, 1)
    assert len([one for one in listed if one.kind == "new_port"]) == 2 * ports
    return told["statements"]


def _facts(name: str, number: int, ports: int) -> Facts:
    found = tuple(Port(index, f"xe-{index}") for index in range(1, ports + 1))
    spare = tuple(
        InterfaceAddress(f"10.{200 + number}.0.{one.index}", 24, one.index) for one in found
    )
    return Facts(f"10.250.{number}.1", name=name, platform="frr", ports=found, addresses=spare)
