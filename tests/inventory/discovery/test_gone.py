"""Ports and addresses that were observed and then were not are proposed, never silently dropped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hatang.errors import ConflictError, NotFoundError
from inventory import service as inventory
from inventory.choices import ElementKind
from inventory.discovery import mibs
from inventory.inbox import service as inbox
from tests.inventory.discovery.network import small
from tests.inventory.discovery.test_details import grown
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

PORT, ADDRESS = "sw-1:Ethernet2", "10.250.20.1/24"
GONE = [("gone_address", f"sw-1:{ADDRESS}"), ("gone_port", PORT)]


def held(db: Database, actor: Actor, kind: ElementKind, key: str) -> bool:
    with db.read() as session:
        try:
            inventory.get_element(session, actor, kind, key)
        except NotFoundError:
            return False
    return True


@pytest.fixture
def shrunk(places: Database, engineer: Actor) -> Network:
    """The small network, whose switch had a port and an address more."""
    settled(places, engineer, grown())
    return small()


def test_they_wait_in_the_inbox_and_the_intent_stays(
    places: Database, engineer: Actor, shrunk: Network
) -> None:
    for _ in range(2):
        run(places, engineer, shrunk)
        assert sorted(summary(waiting(places, engineer))) == GONE
    assert held(places, engineer, ElementKind.INTERFACE, PORT)
    assert held(places, engineer, ElementKind.ADDRESS, ADDRESS)


def test_accepting_takes_them_out_for_good(
    places: Database, engineer: Actor, shrunk: Network
) -> None:
    run(places, engineer, shrunk)
    accept_all(places, engineer)
    assert not held(places, engineer, ElementKind.INTERFACE, PORT)
    assert not held(places, engineer, ElementKind.ADDRESS, ADDRESS)
    run(places, engineer, shrunk)
    assert waiting(places, engineer) == []


def test_a_port_goes_only_when_no_address_is_on_it(
    places: Database, engineer: Actor, shrunk: Network
) -> None:
    run(places, engineer, shrunk)
    (port,) = waiting(places, engineer, kind="gone_port")
    with pytest.raises(ConflictError, match="an address is on it"), places.write() as session:
        inbox.accept(session, engineer, shown(port))
    assert held(places, engineer, ElementKind.INTERFACE, PORT)


def test_a_port_goes_only_when_no_cable_ends_there(places: Database, engineer: Actor) -> None:
    network = small()
    settled(places, engineer, network)
    core = network.boxes["core-1"]
    del core.ports[3], core.addresses["10.250.9.1"], network.cables[2]
    core.arp["10.250.9.5"] = network.boxes["sw-1"].mac(1)
    run(places, engineer, network)
    (port,) = waiting(places, engineer, kind="gone_port")
    (address,) = waiting(places, engineer, kind="gone_address")
    with pytest.raises(ConflictError, match="a cable ends there"), places.write() as session:
        inbox.accept(session, engineer, shown(address, port))
    accept_all(places, engineer)
    assert not held(places, engineer, ElementKind.INTERFACE, "core-1:eth3")


def test_they_leave_the_inbox_when_they_are_back(
    places: Database, engineer: Actor, shrunk: Network
) -> None:
    run(places, engineer, shrunk)
    assert run(places, engineer, grown()).closed == 2
    assert waiting(places, engineer) == []


def test_what_was_taken_out_and_comes_back_is_new(
    places: Database, engineer: Actor, shrunk: Network
) -> None:
    run(places, engineer, shrunk)
    accept_all(places, engineer)
    run(places, engineer, grown())
    kinds = {row.kind for row in waiting(places, engineer)}
    assert kinds == {"new_port", "new_address"}


def test_what_nobody_ever_saw_is_not_called_gone(places: Database, engineer: Actor) -> None:
    settled(places, engineer, small())
    text = (
        "version: 1\naddresses: [{address: 10.99.0.1/24, interface: 'sw-1:Vlan99'}]\n"
        "devices: [{name: sw-1, site: dc, role: switch, platform: arista_eos,"
        " interfaces: [{name: Vlan99}]}]\n"
    )
    with places.write() as session:
        plan = inventory.plan_import(session, engineer, text, "more.yaml")
        inventory.apply_import(session, engineer, plan, "test")
    run(places, engineer, small())
    assert waiting(places, engineer) == []


@pytest.mark.parametrize("table", [mibs.INTERFACES, mibs.ADDRESSES])
def test_a_table_that_did_not_come_whole_says_nothing_and_settles_nothing(
    places: Database, engineer: Actor, shrunk: Network, table: tuple[str, ...]
) -> None:
    of_table = {mibs.INTERFACES: "gone_port", mibs.ADDRESSES: "gone_address"}[table]
    cut = replace(shrunk, cut=frozenset(table))
    run(places, engineer, cut)
    assert of_table not in {row.kind for row in waiting(places, engineer)}
    run(places, engineer, shrunk)
    run(places, engineer, cut)
    assert of_table in {row.kind for row in waiting(places, engineer)}
