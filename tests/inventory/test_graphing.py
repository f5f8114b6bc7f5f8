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


STACK = """\
clusters: [{name: kvm, site: dc}]
virtual_machines:
  - {name: vm-portal, cluster: kvm}
  - {name: vm-mail, device: srv-portal}
  - {name: vm-planned, device: srv-portal, status: planned}
redundancy_groups:
  - {code: hosts, name: "Máy chủ ảo hóa", kind: server, required: 2, devices: [host-1, host-2]}
  - {code: wan-xa-01, name: "Đường truyền xã", kind: circuit, circuits: [VNPT-001]}
"""


def stacked(text: str) -> str:
    """Return the province with machines; its portal runs on one, the mail on another."""
    hosts = "\n".join(
        f"  - {{name: host-{number}, site: dc, role: server, platform: linux, cluster: kvm}}"
        for number in (1, 2)
    )
    return (
        text.replace("providers:", f"{hosts}\nproviders:", 1)
        .replace(
            "    runs_on: [srv-portal]\n", "    runs_on: []\n    virtual_machines: [vm-portal]\n"
        )
        .replace("    depends_on: [dns]\n", "    depends_on: []\n")
        .replace("runs_on: [srv-portal]}", "runs_on: [], virtual_machines: [vm-mail, vm-planned]}")
        + STACK
    )


def test_machines_clusters_and_groups_are_read(
    database: Database, load: Callable[[str], ImportPlan]
) -> None:
    load(stacked(PROVINCE))
    topology, keys = drawn(database)
    pinned = topology.affected(Element(ElementKind.DEVICE, keys["srv-portal"]))
    assert pinned.services == {"dns"}
    assert pinned.machines == {"vm-mail"}
    host = topology.affected(Element(ElementKind.DEVICE, keys["host-1"]))
    assert host.groups == {"hosts"}
    assert host.machines == {"vm-portal"}
    assert host.services == {"portal"}
    circuit = topology.affected(Element(ElementKind.CIRCUIT, "VNPT-001"))
    assert circuit.groups == {"wan-xa-01"}


def test_a_planned_member_does_not_hold_a_group(
    database: Database, load: Callable[[str], ImportPlan]
) -> None:
    text = stacked(PROVINCE).replace("required: 2", "required: 1")
    load(text.replace("name: host-2, site: dc", "name: host-2, status: planned, site: dc"))
    topology, keys = drawn(database)
    assert topology.affected(Element(ElementKind.DEVICE, keys["host-1"])).groups == {"hosts"}
