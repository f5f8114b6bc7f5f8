"""What a command line tells of ports and addresses waits in the inbox as an agent's word does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from inventory import platforms, service
from inventory.discovery import onboarding, shell
from inventory.rows import Query
from tests.inventory.discovery.network import small
from tests.inventory.discovery.test_details import grown
from tests.inventory.discovery.test_service import (
    accept_all,
    places,
    run,
    settled,
    summary,
    waiting,
)

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import Database

pytestmark = pytest.mark.slow
__all__ = ["places"]

IOS = platforms.get("cisco_ios")
PORTS = {"GigabitEthernet0/1": "10.1.0.2/30", "GigabitEthernet0/2": ""}


def read(
    db: Database, actor: Actor, ports: dict[str, str], *gaps: str, name: str = "rtr-02"
) -> None:
    """Record what a command line says of a router's ports and the address on each."""
    rows = []
    for port, address in ports.items():
        bare, _, length = address.partition("/")
        rows.append({"interface": port, "ip_address": bare, "prefix_length": length})
    with db.read() as session:
        row = service.get_device(session, actor, name)
    facts = shell.facts(IOS, {"show interfaces": rows}, row.primary_ip4 or "")
    onboarding.record(db, actor, row, replace(facts, gaps=gaps))


def of_router(db: Database, actor: Actor) -> list[tuple[str, str]]:
    """Return what waits but fields: the platform, by command line, is another than the agent's."""
    return sorted(summary([row for row in waiting(db, actor) if row.kind != "field"]))


@pytest.fixture
def lean(places: Database, engineer: Actor) -> Database:
    """A network where all that a router's command line told was accepted."""
    settled(places, engineer, small())
    read(places, engineer, PORTS, name="core-1")
    accept_all(places, engineer)
    assert of_router(places, engineer) == []
    return places


def test_ports_and_addresses_the_inventory_lacks_are_proposed(
    places: Database, engineer: Actor
) -> None:
    settled(places, engineer, small())
    read(places, engineer, PORTS, name="core-1")
    assert of_router(places, engineer) == [
        ("new_address", "core-1:10.1.0.2/30"),
        ("new_port", "core-1:GigabitEthernet0/1"),
        ("new_port", "core-1:GigabitEthernet0/2"),
    ]


def test_a_port_and_an_address_told_of_no_longer_are_gone(lean: Database, engineer: Actor) -> None:
    read(lean, engineer, {"GigabitEthernet0/1": "10.1.0.6/30"}, name="core-1")
    assert of_router(lean, engineer) == [
        ("gone_address", "core-1:10.1.0.2/30"),
        ("gone_port", "core-1:GigabitEthernet0/2"),
        ("new_address", "core-1:10.1.0.6/30"),
    ]


def test_what_only_an_agent_told_of_is_not_gone_from_the_command_line(
    lean: Database, engineer: Actor
) -> None:
    with lean.read() as session:
        rows = service.list_interfaces(session, engineer, Query({"device": "core-1"})).items
    assert {row.name for row in rows} > set(PORTS)
    read(lean, engineer, PORTS, name="core-1")
    assert of_router(lean, engineer) == []


def test_what_only_a_command_line_told_of_is_not_gone_from_the_agent(
    lean: Database, engineer: Actor
) -> None:
    run(lean, engineer, small())
    assert of_router(lean, engineer) == []


def test_what_is_told_of_again_leaves_the_inbox(lean: Database, engineer: Actor) -> None:
    read(lean, engineer, {"GigabitEthernet0/1": "10.1.0.2/30"}, name="core-1")
    assert of_router(lean, engineer) == [("gone_port", "core-1:GigabitEthernet0/2")]
    read(lean, engineer, PORTS, name="core-1")
    assert of_router(lean, engineer) == []


@pytest.mark.parametrize("gap", ["show interfaces: timeout", "get_interfaces: not_supported"])
def test_an_answer_that_failed_calls_nothing_gone_and_settles_nothing(
    lean: Database, engineer: Actor, gap: str
) -> None:
    few = {"GigabitEthernet0/1": "10.1.0.2/30"}
    read(lean, engineer, few, gap, name="core-1")
    assert of_router(lean, engineer) == []
    read(lean, engineer, few, name="core-1")
    read(lean, engineer, PORTS, gap, name="core-1")
    assert of_router(lean, engineer) == [("gone_port", "core-1:GigabitEthernet0/2")]


def test_a_gap_of_another_table_hides_no_lost_port(lean: Database, engineer: Actor) -> None:
    few = {"GigabitEthernet0/1": "10.1.0.2/30"}
    read(lean, engineer, few, "show lldp neighbors detail: timeout", name="core-1")
    assert of_router(lean, engineer) == [("gone_port", "core-1:GigabitEthernet0/2")]


def test_a_port_that_waits_by_an_agents_word_is_not_proposed_twice(
    places: Database, engineer: Actor
) -> None:
    settled(places, engineer, small())
    run(places, engineer, grown())
    before = of_router(places, engineer)
    assert ("new_port", "sw-1:Ethernet2") in before
    read(places, engineer, {"Et2": ""}, name="sw-1")
    assert of_router(places, engineer) == before


def test_reading_a_device_leaves_it_known_by_its_marks(lean: Database, engineer: Actor) -> None:
    network = small()
    network.boxes["core-1"].name = "renamed"
    outcome = run(lean, engineer, network)
    kinds = {one.kind.value for one in outcome.proposals}
    assert not kinds & {"new_device", "vanished_device"}
