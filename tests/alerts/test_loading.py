from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.loading import load_view
from hatang import events
from inventory.models import Circuit, Device, Link, Provider
from inventory.service import CHANGED, Current
from tests.alerts.drawing import draw

if TYPE_CHECKING:
    from hatang.db import Database


def test_the_inventory_is_read_with_names_ends_and_ways_up(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        number = draw(session)
    with sqlite_database.read() as session:
        view = load_view(session)
    names = {each.element: each.name for each in view.elements()}
    assert names["device:key-hub"] == "hub"
    assert names[f"link:{number}"] == "core eth1 – hub eth1"
    assert view.ends["interface:key-hub:eth1"] == f"link:{number}"
    assert view.upstream_groups("device:key-hub") == (frozenset({f"way:{number}:key-core"}),)
    assert view.describe("bgp:key-hub:10.0.0.1").name == "hub 10.0.0.1"


def test_a_link_is_called_by_its_circuit(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        number = draw(session)
        session.add(Provider(id=1, name="VNPT"))
        session.flush()
        session.add(
            Circuit(id=1, scope_id=1, cid="HUE-0042", provider_id=1, a_site_id=1, z_site_id=2)
        )
        session.flush()
        session.get_one(Link, number).circuit_id = 1
    with sqlite_database.read() as session:
        name = load_view(session).describe(f"link:{number}").name
    assert name == "HUE-0042 (core eth1 – hub eth1)"


def test_the_view_is_kept_until_the_inventory_says_that_it_changed(
    sqlite_database: Database,
) -> None:
    source = Current(load_view)
    with sqlite_database.write() as session:
        draw(session)
        events.publish(session, CHANGED, "first", {})
    with sqlite_database.read() as session:
        first = source(session)
        assert source(session) is first
    with sqlite_database.write() as session:
        session.get_one(Device, 2).name = "hub-new"
        events.publish(session, CHANGED, "second", {})
    with sqlite_database.read() as session:
        assert source(session).describe("device:key-hub").name == "hub-new"
