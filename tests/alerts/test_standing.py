"""What correlation says of a service on virtual machines and redundancy groups."""

from __future__ import annotations

from typing import Final

import pytest

from alerts.graph import Graph, Health, cut
from alerts.topology import InventoryView
from inventory.network import (
    ClusterNode,
    DeviceNode,
    GroupNode,
    MachineNode,
    Network,
    ServiceNode,
)
from inventory.topology import Topology

HOSTS: Final = ("host-1", "host-2", "host-3")


def graph(required: int) -> Graph:
    network = Network(
        devices=tuple(DeviceNode(one, "dc", is_root=True) for one in HOSTS),
        groups=(GroupNode("quorum", required, HOSTS),),
        clusters=(ClusterNode("kvm", HOSTS),),
        machines=(MachineNode("vm", "kvm"),),
        services=(ServiceNode("portal", machines=("vm",)),),
    )
    return Graph.of(InventoryView(Topology(network), {}, {}))


@pytest.mark.parametrize(("required", "dead"), [(1, 3), (2, 2), (3, 1)])
def test_a_service_is_cut_off_once_too_few_hosts_are_left(required: int, dead: int) -> None:
    for count in range(1, 4):
        bad = {f"device:{one}": Health.BAD for one in HOSTS[:count]}
        found = cut(graph(required), bad, {})
        assert ("service:portal" in found.elements) is (count >= dead)


def test_a_service_that_lost_a_host_of_its_machine_is_degraded() -> None:
    found = cut(graph(2), {"device:host-1": Health.BAD}, {})
    assert "service:portal" in found.degraded_by("device:host-1")
