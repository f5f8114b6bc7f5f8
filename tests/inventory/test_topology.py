"""The topology against brute force: remove the element, see who can still be reached."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatang.errors import NotFoundError
from inventory.choices import ElementKind
from inventory.network import (
    DeviceNode,
    Element,
    LinkEdge,
    Network,
    RoomNode,
    ServiceNode,
    SiteNode,
)
from inventory.topology import Topology


def device(key: str) -> Element:
    return Element(ElementKind.DEVICE, key)


def reachable(network: Network, failed: frozenset[Element]) -> set[str]:
    """Brute force: grow the set of reached devices until nothing changes."""
    alive = {node.key for node in network.devices if device(node.key) not in failed}
    reached = {node.key for node in network.devices if node.is_root} & alive
    usable = [link for link in network.links if not _is_cut(link, failed)]
    while True:
        ends = [{link.a, link.z} for link in usable if {link.a, link.z} & reached]
        grown = reached | (set().union(*ends) & alive)
        if grown == reached:
            return reached
        reached = grown


def _is_cut(link: LinkEdge, failed: frozenset[Element]) -> bool:
    by_circuit = link.circuit and Element(ElementKind.CIRCUIT, link.circuit) in failed
    return bool(by_circuit) or Element(ElementKind.LINK, link.key) in failed


@st.composite
def networks(draw: st.DrawFn) -> Network:
    count = draw(st.integers(1, 9))
    roots = draw(st.sets(st.integers(0, count - 1), max_size=2))
    ends = st.integers(0, count - 1)
    circuits = st.sampled_from([None, None, "c1", "c2"])
    drawn = draw(st.lists(st.tuples(ends, ends, circuits), max_size=16))
    devices = tuple(DeviceNode(f"d{i}", site=f"s{i % 3}", is_root=i in roots) for i in range(count))
    links = tuple(LinkEdge(f"l{i}", f"d{a}", f"d{z}", c) for i, (a, z, c) in enumerate(drawn))
    return Network(devices=devices, links=links)


def elements_of(network: Network) -> list[Element]:
    circuits = sorted({link.circuit for link in network.links if link.circuit})
    return [
        *(device(node.key) for node in network.devices),
        *(Element(ElementKind.LINK, link.key) for link in network.links),
        *(Element(ElementKind.CIRCUIT, circuit) for circuit in circuits),
    ]


@given(networks())
def test_upstream_is_exactly_what_hides_a_device_alone(network: Network) -> None:
    topology = Topology(network)
    before = reachable(network, frozenset())
    for node in network.devices:
        expected = {
            element
            for element in elements_of(network)
            if element != device(node.key)
            and node.key in before
            and node.key not in reachable(network, frozenset({element}))
        }
        assert set(topology.upstream(node.key)) == expected


@given(networks())
def test_affected_devices_are_those_no_longer_reached(network: Network) -> None:
    topology = Topology(network)
    before = reachable(network, frozenset())
    for element in elements_of(network):
        expected = before - reachable(network, frozenset({element}))
        own = {element.key} if element.kind is ElementKind.DEVICE else set()
        assert topology.affected(element).devices == expected | own


@given(networks())
def test_a_failed_site_takes_all_its_devices_at_once(network: Network) -> None:
    topology = Topology(network)
    for site in {node.site for node in network.devices}:
        own = {node.key for node in network.devices if node.site == site}
        failed = frozenset(device(key) for key in own)
        expected = reachable(network, frozenset()) - reachable(network, failed)
        assert topology.affected(Element(ElementKind.SITE, site)).devices == expected | own


@given(networks())
def test_devices_without_a_drawn_path_are_detached_not_upstreamless(network: Network) -> None:
    topology = Topology(network)
    everyone = {node.key for node in network.devices}
    assert topology.detached() == everyone - reachable(network, frozenset())


@given(networks())
def test_uplinks_are_the_neighbours_reached_without_the_device(network: Network) -> None:
    topology = Topology(network)
    for node in network.devices:
        near = {
            end
            for link in network.links
            if node.key in (link.a, link.z)
            for end in (link.a, link.z)
        }
        without = reachable(network, frozenset({device(node.key)}))
        assert topology.uplinks(node.key) == near & without


def province() -> Topology:
    """core = (two links, one circuit) = hub - commune; a server stands on the core."""
    return Topology(
        Network(
            devices=(
                DeviceNode("core", "dc", is_root=True),
                DeviceNode("hub", "hub"),
                DeviceNode("commune", "xa"),
                DeviceNode("server", "dc"),
                DeviceNode("spare", "dc"),
            ),
            links=(
                LinkEdge("1", "core", "hub", "VNPT-1"),
                LinkEdge("2", "core", "hub", "VNPT-1"),
                LinkEdge("3", "hub", "commune", "VNPT-2"),
                LinkEdge("4", "core", "server"),
                LinkEdge("5", "core", "spare"),
            ),
            sites=(SiteNode("dc"), SiteNode("hub"), SiteNode("xa", people=20)),
            services=(
                ServiceNode("dns", runs_on=("server", "spare")),
                ServiceNode("sso", runs_on=("server",)),
                ServiceNode("portal", depends_on=("sso", "dns")),
            ),
            rooms=(RoomNode("room-xa", "xa"),),
        )
    )


def test_upstream_reads_from_the_vantage_point_outwards() -> None:
    kinds = [f"{kind}:{key}" for kind, key in province().upstream("commune")]
    assert kinds == ["device:core", "device:hub", "link:3", "circuit:VNPT-2", "circuit:VNPT-1"]


def test_a_circuit_takes_the_people_and_rooms_behind_it() -> None:
    impact = province().affected(Element(ElementKind.CIRCUIT, "VNPT-1"))
    assert impact.sites == {"hub", "xa"}
    assert impact.rooms == {"room-xa"}
    assert impact.people == 20


def test_people_nobody_counted_are_unknown_not_zero() -> None:
    assert province().affected(device("server")).people is None


def test_a_service_with_a_spare_is_degraded_and_one_without_is_down() -> None:
    impact = province().affected(device("server"))
    assert impact.services == {"sso", "portal"}
    assert impact.degraded == {"dns"}


def test_a_failed_service_takes_those_that_need_it() -> None:
    assert province().affected(Element(ElementKind.SERVICE, "sso")).services == {"sso", "portal"}


def test_one_device_of_a_site_does_not_cut_off_the_site() -> None:
    assert province().affected(device("server")).sites == frozenset()


@pytest.mark.parametrize("kind", [ElementKind.DEVICE, ElementKind.CIRCUIT, ElementKind.SITE])
def test_an_unknown_element_is_named(kind: ElementKind) -> None:
    with pytest.raises(NotFoundError, match="no-such"):
        province().affected(Element(kind, "no-such"))


@given(networks())
def test_affected_sites_are_those_that_lose_every_device_reached_before(network: Network) -> None:
    topology = Topology(network)
    before = reachable(network, frozenset())
    for element in elements_of(network):
        left = reachable(network, frozenset({element}))
        kept = {node.site for node in network.devices if node.key in left}
        had = {node.site for node in network.devices if node.key in before}
        assert topology.affected(element).sites == had - kept
