"""What hangs on what: who hides a device when failing alone, and who is behind an element.

Plain data in, plain data out: no database, no clock. The vantage point is the set of root
devices, where the monitors stand; roots back each other up.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from hatang.errors import NotFoundError
from inventory.choices import ElementKind
from inventory.dominators import DominatorTree, dominator_tree
from inventory.ways import shortest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_VANTAGE: Final = 0


class Element(NamedTuple):
    """An element of the inventory by kind and stable key (a device's is its `device_key`)."""

    kind: ElementKind
    key: str


@dataclass(frozen=True, slots=True)
class DeviceNode:
    """A device in operation; `name` is for people, `key` for machines."""

    key: str
    site: str = ""
    is_root: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class LinkEdge:
    """A cable between the devices `a` and `z`; `is_assumed` when nobody drew it."""

    key: str
    a: str
    z: str
    circuit: str | None = None
    is_assumed: bool = False


@dataclass(frozen=True, slots=True)
class SiteNode:
    """A site and how many people work there, None when not known."""

    key: str
    people: int | None = None


@dataclass(frozen=True, slots=True)
class ServiceNode:
    """A service, the devices it runs on (any one suffices) and the services it needs (all)."""

    key: str
    runs_on: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoomNode:
    """A meeting room and its site."""

    key: str
    site: str


@dataclass(frozen=True, slots=True)
class Network:
    """All that the topology is made of."""

    devices: tuple[DeviceNode, ...] = ()
    links: tuple[LinkEdge, ...] = ()
    sites: tuple[SiteNode, ...] = ()
    services: tuple[ServiceNode, ...] = ()
    rooms: tuple[RoomNode, ...] = ()


@dataclass(frozen=True, slots=True)
class Impact:
    """Who loses what when an element fails alone.

    `sites` lost every device that could be reached before; `services` cannot work, `degraded` ones
    lost part of what they stand on. `people` is None when no cut-off site knows its number.
    """

    devices: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    degraded: frozenset[str] = frozenset()
    rooms: frozenset[str] = frozenset()
    people: int | None = None


@dataclass(slots=True)
class _Graph:
    """Vertices: 0 the vantage point, then devices, then links (so that a link can fail too)."""

    elements: list[Element | None]
    vertices: dict[Element, int]
    adjacency: list[list[int]]
    circuits: dict[str, list[int]] = field(default_factory=dict)


class Topology:
    """The graph of one network, indexed once; questions are answered from memory."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._graph = _build(network)
        self._tree: DominatorTree = dominator_tree(self._graph.adjacency, _VANTAGE)
        self._circuit_of = {link.key: link.circuit for link in network.links if link.circuit}
        self._site_devices: dict[str, list[str]] = {}
        for device in network.devices:
            self._site_devices.setdefault(device.site, []).append(device.key)
        self._placed = Counter(
            device.site for device in network.devices if self.is_placed(device.key)
        )
        # A circuit of several links fails as one, which no single vertex of the graph can show.
        self._bundles = {
            circuit: self._cut_off(frozenset(links))
            for circuit, links in self._graph.circuits.items()
            if len(links) > 1
        }

    def is_placed(self, device: str) -> bool:
        """Return whether any drawn path leads to `device`; if none does, nothing is known."""
        return self._tree.is_reachable(self._vertex(Element(ElementKind.DEVICE, device)))

    def detached(self) -> frozenset[str]:
        """Return the devices no drawn path leads to: their cause of failure stays unknown."""
        return frozenset(
            device.key for device in self.network.devices if not self.is_placed(device.key)
        )

    def upstream(self, device: str) -> tuple[Element, ...]:
        """Return what hides `device` when failing alone, from the vantage point outwards.

        Empty for a device that is reached redundantly all the way, and for a detached one.

        Raises:
            NotFoundError: the topology has no such device.
        """
        vertex = self._vertex(Element(ElementKind.DEVICE, device))
        chain = [self._graph.elements[above] for above in self._tree.above(vertex)]
        elements: list[Element] = []
        for element in reversed(chain):
            if element is not None:
                elements.append(element)
                elements.extend(self._carrier(element))
        bundles = (name for name, hidden in self._bundles.items() if vertex in hidden)
        elements.extend(Element(ElementKind.CIRCUIT, name) for name in bundles)
        return tuple(dict.fromkeys(elements))

    def uplinks(self, device: str) -> frozenset[str]:
        """Return the neighbours that are reached without `device`: it needs one of them.

        A root device needs none, being where the monitors stand.

        Raises:
            NotFoundError: the topology has no such device.
        """
        vertex = self._vertex(Element(ElementKind.DEVICE, device))
        ends = {
            end
            for link in self._graph.adjacency[vertex]
            if link != _VANTAGE
            for end in self._graph.adjacency[link]
        }
        behind = set(self._tree.below(vertex))
        return frozenset(
            self.network.devices[end - 1].key
            for end in ends
            if end not in behind and self._tree.is_reachable(end)
        )

    def path(
        self, device: str, to: str | None = None, without: Collection[Element] = ()
    ) -> tuple[Element, ...]:
        """Return devices and links in turn from `device` to the device `to`, fewest links first.

        `to` None asks for the nearest root, where the monitors stand. `without` are devices, links
        and circuits that the way must not use. Empty when there is no such way.

        Raises:
            NotFoundError: the topology has no such device or element.
        """
        failed = {vertex for element in without for vertex in self._vertices(element)}
        start = self._vertex(Element(ElementKind.DEVICE, device))
        goal = _VANTAGE
        if to is not None:
            goal = self._vertex(Element(ElementKind.DEVICE, to))
            # Roots back each other up in the vantage point; no cable runs through it.
            failed.add(_VANTAGE)
        passed = shortest(self._graph.adjacency, start, goal, failed)
        elements = (self._graph.elements[vertex] for vertex in passed)
        return tuple(element for element in elements if element is not None)

    def affected(self, element: Element) -> Impact:
        """Return what fails with `element`: a device, link, circuit, site or service.

        Raises:
            NotFoundError: the topology has no such element.
        """
        if element.kind is ElementKind.SERVICE:
            return self._impact(set(), {element.key})
        return self._impact(self._hidden_by(element), set())

    def _hidden_by(self, element: Element) -> set[str]:
        if element.kind is ElementKind.CIRCUIT:
            links = self._graph.circuits.get(element.key)
            if links is None:
                raise _missing(element)
            cut = self._bundles.get(element.key)
            return self._devices(self._tree.below(links[0]) if cut is None else cut)
        if element.kind is ElementKind.SITE:
            names = self._site_devices.get(element.key)
            if names is None:
                raise _missing(element)
            own = frozenset(self._vertex(Element(ElementKind.DEVICE, name)) for name in names)
            return self._devices(self._cut_off(own)) | set(names)
        hidden = self._devices(self._tree.below(self._vertex(element)))
        return hidden | ({element.key} if element.kind is ElementKind.DEVICE else set())

    def _cut_off(self, failed: frozenset[int]) -> frozenset[int]:
        """Return the vertices that lose their last path when all of `failed` fail together."""
        seen, stack = {_VANTAGE}, [_VANTAGE]
        while stack:
            for near in self._graph.adjacency[stack.pop()]:
                if near not in seen and near not in failed:
                    seen.add(near)
                    stack.append(near)
        return frozenset(vertex for vertex in self._tree.order if vertex not in seen)

    def _impact(self, devices: set[str], services: set[str]) -> Impact:
        lost = Counter(self._node(device).site for device in devices if self.is_placed(device))
        sites = frozenset(site for site, count in lost.items() if count == self._placed[site])
        down, degraded = _services(self.network.services, devices, services)
        known = [
            site.people
            for site in self.network.sites
            if site.key in sites and site.people is not None
        ]
        return Impact(
            devices=frozenset(devices),
            sites=sites,
            services=frozenset(down),
            degraded=frozenset(degraded),
            rooms=frozenset(room.key for room in self.network.rooms if room.site in sites),
            people=sum(known) if known else None,
        )

    def _carrier(self, element: Element) -> tuple[Element, ...]:
        circuit = self._circuit_of.get(element.key) if element.kind is ElementKind.LINK else None
        return () if circuit is None else (Element(ElementKind.CIRCUIT, circuit),)

    def _devices(self, vertices: Iterable[int]) -> set[str]:
        elements = (self._graph.elements[vertex] for vertex in vertices)
        return {one.key for one in elements if one and one.kind is ElementKind.DEVICE}

    def _node(self, device: str) -> DeviceNode:
        return self.network.devices[self._vertex(Element(ElementKind.DEVICE, device)) - 1]

    def _vertices(self, element: Element) -> list[int]:
        if element.kind is ElementKind.CIRCUIT and element.key in self._graph.circuits:
            return self._graph.circuits[element.key]
        return [self._vertex(element)]

    def _vertex(self, element: Element) -> int:
        vertex = self._graph.vertices.get(element)
        if vertex is None:
            raise _missing(element)
        return vertex


def _missing(element: Element) -> NotFoundError:
    return NotFoundError(f"the topology has no {element.kind} {element.key}")


def _build(network: Network) -> _Graph:
    elements: list[Element | None] = [None]
    elements += [Element(ElementKind.DEVICE, device.key) for device in network.devices]
    elements += [Element(ElementKind.LINK, link.key) for link in network.links]
    vertices = {element: index for index, element in enumerate(elements) if element is not None}
    graph = _Graph(elements, vertices, [[] for _ in elements])
    for index, device in enumerate(network.devices, start=1):
        if device.is_root:
            _join(graph, _VANTAGE, index)
    for index, link in enumerate(network.links, start=1 + len(network.devices)):
        _join(graph, index, vertices[Element(ElementKind.DEVICE, link.a)])
        if link.z != link.a:
            _join(graph, index, vertices[Element(ElementKind.DEVICE, link.z)])
        if link.circuit is not None:
            graph.circuits.setdefault(link.circuit, []).append(index)
    return graph


def _join(graph: _Graph, one: int, other: int) -> None:
    graph.adjacency[one].append(other)
    graph.adjacency[other].append(one)


def _services(
    services: tuple[ServiceNode, ...], devices: set[str], failed: set[str]
) -> tuple[set[str], set[str]]:
    """Return the services down and those degraded, following dependencies to the end."""
    down, degraded = set(failed), set[str]()
    for service in services:
        lost = sum(device in devices for device in service.runs_on)
        if lost:
            (down if lost == len(service.runs_on) else degraded).add(service.key)
    _spread(services, down)
    _spread(services, degraded)
    return down, degraded - down


def _spread(services: tuple[ServiceNode, ...], marked: set[str]) -> None:
    if not marked:
        return
    needed_by: dict[str, list[str]] = {}
    for service in services:
        for need in service.depends_on:
            needed_by.setdefault(need, []).append(service.key)
    stack = list(marked)
    while stack:
        for dependant in needed_by.get(stack.pop(), ()):
            if dependant not in marked:
                marked.add(dependant)
                stack.append(dependant)
