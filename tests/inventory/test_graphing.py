"""The topology drawn from the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inventory import service
from inventory.choices import ElementKind
from inventory.network import Element
from tests.inventory.conftest import PROVINCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.auth import Actor
    from hatang.db import Database
    from inventory.planning import ImportPlan
    from inventory.topology import Topology

pytestmark = pytest.mark.usefixtures("province")


def drawn(database: Database, roots: tuple[str, ...] = ()) -> tuple[Topology, dict[str, str]]:
    with database.read() as session:
        topology = service.load_topology(session, roots)
    return topology, {device.name: device.key for device in topology.network.devices}


def test_a_circuit_affects_the_commune_behind_it(database: Database) -> None:
    topology, keys = drawn(database)
    impact = topology.affected(Element(ElementKind.CIRCUIT, "VNPT-001"))
    assert impact.devices == {keys["rtr-01"], keys["ups-01"]}
    assert impact.sites == {"xa-01-site"}
    assert impact.rooms == {"room-xa-01"}
    assert impact.people == 25


def test_an_uncabled_device_is_assumed_behind_its_sites_only_router(database: Database) -> None:
    topology, keys = drawn(database)
    assumed = {link.z for link in topology.network.links if link.is_assumed}
    assert assumed == {keys["ups-01"], keys["srv-portal"]}
    assert Element(ElementKind.DEVICE, keys["rtr-01"]) in topology.upstream(keys["ups-01"])


def test_a_server_takes_the_services_that_stand_on_it(database: Database) -> None:
    topology, keys = drawn(database)
    impact = topology.affected(Element(ElementKind.DEVICE, keys["srv-portal"]))
    assert impact.services == {"dns", "portal"}


def test_the_vantage_point_can_be_named(database: Database) -> None:
    topology, keys = drawn(database, ("rtr-01",))
    names = [element.key for element in topology.upstream(keys["rtr-02"])]
    assert names[0] == keys["rtr-01"]


def test_a_planned_device_is_not_drawn(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    load(PROVINCE.replace("serial: ABC123", "status: planned"))
    topology, keys = drawn(database)
    assert "rtr-02" not in keys
    assert len([link for link in topology.network.links if not link.is_assumed]) == 1
