"""Where a station is plugged in is kept after a run, and told to who may see the device."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, func, select

from hatang import clock
from hatang.auth import Actor, Role
from hatang.errors import InvalidInputError, NotFoundError
from inventory import service
from inventory.discovery import known, stations
from inventory.discovery.reading import read
from inventory.models import Station, StationAddress, Unit
from tests.inventory.discovery.network import USER, Box, Network, small

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.db import Database
    from inventory.discovery.facts import Facts

pytestmark = pytest.mark.usefixtures("province")
AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
PC = "02:00:00:00:99:01"
NOTATIONS = (
    "02:00:00:00:99:01",
    "02-00-00-00-99-01",
    "0200.0000.9901",
    "0200-0000-9901",
    "020000009901",
    " 2:0:0:0:99:1 ",
)


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with clock.frozen(AT):
        yield


def network_of(port: str = "Ethernet2") -> Network:
    """Return routers of the small province, and a switch with a computer on `port`."""
    network = small()
    network.boxes["core-1"].addresses = {"10.250.0.1": 1, "10.250.2.2": 2, "10.250.9.1": 3}
    switch = network.boxes["sw-1"]
    place = switch.add(port)
    switch.stations = {PC: place, network.boxes["core-1"].mac(3): 1}
    network.boxes["core-1"].arp = {"10.250.9.77": PC, "10.250.9.78": "02:00:00:00:99:02"}
    return network


def keep(db: Database, actor: Actor, network: Network) -> None:
    async def all_of() -> list[Facts]:
        return [
            await read(network.reader(next(iter(box.addresses)), USER), next(iter(box.addresses)))
            for box in network.boxes.values()
        ]

    found = asyncio.run(all_of())
    with db.read() as session:
        matches = known.match(found, known.recall(session, actor))
        root = session.scalar(select(Unit.scope_id).where(Unit.code == "tinh")) or 0
    stations.record(db, matches, root)


def where(db: Database, actor: Actor, address: str) -> list[tuple[object, ...]]:
    with db.read() as session:
        found = service.where_is(session, actor, address)
    return [(one.device, one.port, one.mac, one.addresses) for one in found]


@pytest.mark.parametrize("asked", [*NOTATIONS, "10.250.9.77"])
def test_a_station_is_found_by_any_notation_and_by_its_address(
    database: Database, engineer: Actor, asked: str
) -> None:
    keep(database, engineer, network_of())
    assert where(database, engineer, asked) == [("sw-1", "Ethernet2", PC, ("10.250.9.77",))]


def test_a_device_of_the_inventory_is_found_at_the_far_end_of_its_cable(
    database: Database, engineer: Actor
) -> None:
    keep(database, engineer, network_of())
    (found,) = where(database, engineer, "10.250.1.1")
    assert found[:2] == ("core-1", "eth1")


def test_an_address_that_no_switch_learnt_is_told_without_a_port(
    database: Database, engineer: Actor
) -> None:
    keep(database, engineer, network_of())
    expected = (None, None, "02:00:00:00:99:02", ("10.250.9.78",))
    assert where(database, engineer, "10.250.9.78") == [expected]


def test_a_moved_station_is_told_at_its_new_port_first_with_the_older_sight(
    database: Database, engineer: Actor
) -> None:
    keep(database, engineer, network_of())
    with clock.frozen(AT + timedelta(days=1)):
        keep(database, engineer, network_of("Ethernet9"))
    with database.read() as session:
        found = service.where_is(session, engineer, PC)
    assert [(one.port, one.seen_at) for one in found] == [
        ("Ethernet9", AT + timedelta(days=1)),
        ("Ethernet2", AT),
    ]


def test_seeing_it_again_makes_no_second_row_and_renews_the_time(
    database: Database, engineer: Actor
) -> None:
    keep(database, engineer, network_of())
    later = AT + timedelta(hours=1)
    with clock.frozen(later):
        keep(database, engineer, network_of())
    with database.read() as session:
        (found,) = service.where_is(session, engineer, PC)
    assert found.seen_at == later


def test_a_station_behind_a_switch_nobody_read_is_told_to_be_behind_it(
    database: Database, engineer: Actor
) -> None:
    network = network_of()
    switch, hidden = network.boxes["sw-1"], Box("sw-hidden", 9)
    network.add(hidden)
    network.cable(switch, 2, hidden, hidden.add("uplink", "10.250.9.9"))
    switch.stations |= {f"02:00:00:00:98:{one:02x}": 2 for one in range(3)}
    boxes = dict(network.boxes)
    agents = Network(boxes, network.cables)
    found = [
        asyncio.run(read(agents.reader(address, USER), address))
        for address in ("10.250.0.1", "10.250.1.1", "10.250.2.1", "10.250.9.5")
    ]
    with database.read() as session:
        matches = known.match(found, known.recall(session, engineer))
        root = session.scalar(select(Unit.scope_id).where(Unit.code == "tinh")) or 0
    stations.record(database, matches, root)
    with database.read() as session:
        (place,) = service.where_is(session, engineer, PC)
    assert (place.count, place.behind) == (4, "sw-hidden")


def test_who_does_not_see_the_device_is_not_told(database: Database, engineer: Actor) -> None:
    keep(database, engineer, network_of())
    with database.read() as session:
        scopes = {unit.code: unit.scope_id for unit in session.scalars(select(Unit))}
    commune = Actor(9, "x", frozenset({Role.VIEWER}), frozenset({scopes["xa-01"]}))
    centre = Actor(8, "y", frozenset({Role.VIEWER}), frozenset({scopes["so-khcn"]}))
    with pytest.raises(NotFoundError):
        where(database, commune, PC)
    router = small().boxes["rtr-02"].mac(1)
    assert where(database, centre, router)[0][:2] == ("core-1", "eth2")
    with pytest.raises(NotFoundError):
        where(database, commune, router)


@pytest.mark.parametrize("asked", ["", "hub-1", "10.250.9", "02:00:00:00:99", "g200.0000.9901"])
def test_what_is_no_address_is_refused_with_what_to_write(
    database: Database, engineer: Actor, asked: str
) -> None:
    with database.read() as session, pytest.raises(InvalidInputError):
        service.where_is(session, engineer, asked)


def test_the_oldest_go_when_there_are_too_many(
    database: Database, engineer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(database, engineer, network_of())
    monkeypatch.setattr(stations, "KEPT", 1)
    with clock.frozen(AT + timedelta(days=1)):
        keep(database, engineer, network_of())
    with database.read() as session:
        counts = [
            session.scalar(select(func.count()).select_from(table))
            for table in (Station, StationAddress)
        ]
    assert counts == [1, 1]


def test_asking_takes_as_many_statements_for_one_as_for_many(
    database: Database, engineer: Actor
) -> None:
    def statements() -> int:
        count = 0

        def told(*_: object) -> None:
            nonlocal count
            count += 1

        with database.read() as session:
            event.listen(session.connection(), "before_cursor_execute", told)
            service.where_is(session, engineer, "10.250.9.77")
        return count

    keep(database, engineer, network_of())
    first = statements()
    for number in range(5):
        with clock.frozen(AT + timedelta(days=number)):
            keep(database, engineer, network_of(f"Ethernet{20 + number}"))
    assert statements() == first
