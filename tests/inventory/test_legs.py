"""Redundancy groups, clusters and virtual machines between the devices and the services."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatang.errors import NotFoundError
from inventory.choices import ElementKind
from inventory.network import (
    ClusterNode,
    DeviceNode,
    Element,
    GroupNode,
    LinkEdge,
    MachineNode,
    Network,
    ServiceNode,
)
from inventory.topology import Topology


def device(key: str) -> Element:
    return Element(ElementKind.DEVICE, key)


def star(*names: str, **parts: object) -> Topology:
    """Devices that each hang on `core` by a link of their own, which a circuit of its name runs."""
    devices = (DeviceNode("core", "dc", is_root=True), *(DeviceNode(one, one) for one in names))
    links = tuple(LinkEdge(f"l-{one}", "core", one, f"c-{one}") for one in names)
    return Topology(Network(devices=devices, links=links, **parts))  # type: ignore[arg-type]


def pair(required: int) -> Topology:
    return star(
        "fw-1",
        "fw-2",
        groups=(GroupNode("fw", required, ("fw-1", "fw-2")),),
        services=(ServiceNode("portal", runs_on=("fw-1",)),),
    )


def test_one_leg_of_a_group_down_is_degraded() -> None:
    impact = pair(required=1).affected(device("fw-1"))
    assert impact.degraded_groups == {"fw"}
    assert impact.groups == frozenset()


def test_fewer_than_required_is_down() -> None:
    impact = pair(required=2).affected(device("fw-1"))
    assert impact.groups == {"fw"}
    assert impact.degraded_groups == frozenset()


def test_a_service_on_one_device_of_a_group_is_held_by_the_group() -> None:
    impact = pair(required=1).affected(device("fw-1"))
    assert impact.degraded == {"portal"}
    assert impact.services == frozenset()


def test_a_service_falls_with_its_group() -> None:
    assert pair(required=2).affected(device("fw-2")).services == {"portal"}
    group = Element(ElementKind.REDUNDANCY_GROUP, "fw")
    assert pair(required=1).affected(group).services == {"portal"}


def test_a_service_needs_each_group_it_stands_on() -> None:
    names = ("web-1", "web-2", "db-1", "db-2")
    groups = (GroupNode("web", 1, names[:2]), GroupNode("db", 1, names[2:]))
    services = (ServiceNode("portal", runs_on=names),)
    topology = star(*names, groups=groups, services=services)
    assert topology.devices_needed("portal") == (frozenset(names[:2]), frozenset(names[2:]))


def test_a_group_of_circuits_tells_a_lost_leg() -> None:
    groups = (GroupNode("wan", 1, circuits=("c-xa-1", "c-xa-2")),)
    topology = star("xa-1", "xa-2", groups=groups)
    for element in (
        Element(ElementKind.CIRCUIT, "c-xa-1"),
        Element(ElementKind.LINK, "l-xa-1"),
        device("xa-1"),
        Element(ElementKind.SITE, "xa-1"),
    ):
        assert topology.affected(element).degraded_groups == {"wan"}
    assert topology.affected(device("core")).groups == {"wan"}


def cloud(groups: tuple[GroupNode, ...] = ()) -> Topology:
    """Portal on a machine of a cluster of three, mail on a machine pinned to one host."""
    return star(
        "host-1",
        "host-2",
        "host-3",
        clusters=(ClusterNode("kvm", ("host-1", "host-2", "host-3")),),
        machines=(MachineNode("vm-portal", "kvm"), MachineNode("vm-mail", host="host-1")),
        services=(
            ServiceNode("portal", machines=("vm-portal",)),
            ServiceNode("mail", machines=("vm-mail",)),
            ServiceNode("one-stop", depends_on=("portal", "mail")),
        ),
        groups=groups,
    )


def test_a_dead_hypervisor_takes_the_services_of_its_machines() -> None:
    impact = cloud().affected(device("host-1"))
    assert impact.machines == {"vm-mail"}
    assert impact.services == {"mail", "one-stop"}
    assert impact.degraded == {"portal"}


def test_a_cluster_that_needs_two_hosts_is_degraded_by_one_and_falls_with_two() -> None:
    topology = cloud((GroupNode("quorum", 2, ("host-1", "host-2", "host-3")),))
    assert topology.affected(device("host-2")).degraded >= {"portal"}
    assert set(topology.devices_needed("portal")) == {
        frozenset(("host-1", "host-2")),
        frozenset(("host-1", "host-3")),
        frozenset(("host-2", "host-3")),
    }


@pytest.mark.parametrize(
    ("kind", "key"), [(ElementKind.CLUSTER, "kvm"), (ElementKind.VIRTUAL_MACHINE, "vm-portal")]
)
def test_a_cluster_or_machine_can_fail_by_itself(kind: ElementKind, key: str) -> None:
    impact = cloud().affected(Element(kind, key))
    assert impact.services == {"portal", "one-stop"}
    assert impact.devices == frozenset()


def test_a_service_whose_machine_stands_nowhere_known_is_not_blamed_on_a_host() -> None:
    topology = star(
        "host-1", machines=(MachineNode("vm"),), services=(ServiceNode("s", machines=("vm",)),)
    )
    assert topology.affected(device("host-1")).services == frozenset()
    assert topology.devices_needed("s") == ()


@pytest.mark.parametrize(
    "kind",
    [
        ElementKind.SERVICE,
        ElementKind.VIRTUAL_MACHINE,
        ElementKind.CLUSTER,
        ElementKind.REDUNDANCY_GROUP,
    ],
)
def test_an_unknown_element_is_named(kind: ElementKind) -> None:
    with pytest.raises(NotFoundError, match="no-such"):
        cloud().affected(Element(kind, "no-such"))


NAMES = tuple(f"h{number}" for number in range(5))


@st.composite
def stacks(draw: st.DrawFn) -> Network:
    """Hosts at one site, groups, a cluster, machines and services over them, all at random."""
    some = st.lists(st.sampled_from(NAMES), unique=True, max_size=3).map(tuple)
    groups = tuple(
        GroupNode(f"g{number}", draw(st.integers(1, 4)), draw(some)) for number in range(2)
    )
    machines = (MachineNode("m0", "c"), MachineNode("m1", host=draw(st.sampled_from(NAMES))))
    on = st.lists(st.sampled_from(("m0", "m1")), unique=True).map(tuple)
    return Network(
        devices=tuple(DeviceNode(one, "dc", is_root=True) for one in NAMES),
        groups=groups,
        clusters=(ClusterNode("c", draw(some)),),
        machines=machines,
        services=(ServiceNode("s", draw(some), (), draw(on)),),
    )


@given(stacks(), st.sampled_from(NAMES))
def test_a_service_is_down_exactly_when_a_set_it_needs_is_gone(network: Network, host: str) -> None:
    topology = Topology(network)
    is_down = any(some <= {host} for some in topology.devices_needed("s"))
    assert topology.affected(device(host)).services == ({"s"} if is_down else frozenset())
