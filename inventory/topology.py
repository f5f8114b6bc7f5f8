"""What hangs on what: who hides a device when failing alone, and who is behind an element.

Plain data in, plain data out: no database, no clock. The vantage point is the set of root
devices, where the monitors stand; roots back each other up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hatang.errors import NotFoundError
from inventory.choices import ElementKind
from inventory.cuts import cut_off
from inventory.dominators import DominatorTree, dominator_tree
from inventory.impact import Dependants, Impact
from inventory.network import Element, Network
from inventory.ways import shortest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_VANTAGE: Final = 0


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
        placed = {device.key for device in network.devices if self.is_placed(device.key)}
        self._dependants = Dependants(network, placed)
        # A circuit of several links fails as one, which no single vertex of the graph can show.
        self._bundles = {
            circuit: self._cut_off(links)
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

    def devices_at(self, site: str) -> tuple[str, ...]:
        """Return the devices in operation at `site`; none when there is no such site."""
        return tuple(self._site_devices.get(site, ()))

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
            return self._dependants.impact((), (element.key,))
        return self._dependants.impact(self._hidden_by(element))

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
            own = [self._vertex(Element(ElementKind.DEVICE, name)) for name in names]
            return self._devices(self._cut_off(own)) | set(names)
        hidden = self._devices(self._tree.below(self._vertex(element)))
        return hidden | ({element.key} if element.kind is ElementKind.DEVICE else set())

    def _cut_off(self, failed: Iterable[int]) -> set[int]:
        placed = {vertex for vertex in failed if self._tree.is_reachable(vertex)}
        if placed.issuperset(self._graph.adjacency[_VANTAGE]):
            return set(self._tree.order)
        return cut_off(self._graph.adjacency, _VANTAGE, placed)

    def _carrier(self, element: Element) -> tuple[Element, ...]:
        circuit = self._circuit_of.get(element.key) if element.kind is ElementKind.LINK else None
        return () if circuit is None else (Element(ElementKind.CIRCUIT, circuit),)

    def _devices(self, vertices: Iterable[int]) -> set[str]:
        devices = self.network.devices
        return {devices[vertex - 1].key for vertex in vertices if 0 < vertex <= len(devices)}

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
