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
from inventory.slices import Slices
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
        self._slices = Slices(network, self._tree)
        # A circuit of several links fails as one, which no single vertex of the graph can show.
        self._bundles = {
            circuit: self._cut_off(links)
            for circuit, links in self._graph.circuits.items()
            if len(links) > 1
        }
        self._impacts = dict(self._joint_impacts())

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
        """Return what fails with `element`.

        It may be a device, link, circuit, site, service, virtual machine, cluster or redundancy
        group; with the last two fails what stands on them, not what they are made of.

        Raises:
            NotFoundError: the topology has no such element.
        """
        if element in self._impacts:
            return self._impacts[element]
        vertex = self._alone(element)
        failed = self._standing(element)
        if vertex is None and not failed:
            raise _missing(element)
        devices, sites = (frozenset[str](),) * 2 if vertex is None else self._slices.behind(vertex)
        if element.kind is ElementKind.DEVICE:
            devices |= {element.key}
        return self._dependants.impact(devices, sites, failed)

    def affected_together(self, devices: Collection[str]) -> Impact:
        """Return what fails when all of `devices` fail at once; nothing hangs on none.

        Raises:
            NotFoundError: the topology has no such device.
        """
        vertices = [self._vertex(Element(ElementKind.DEVICE, one)) for one in devices]
        cut = self._cut_off(vertices) if vertices else set[int]()
        lost = frozenset(self._devices(cut).union(devices))
        return self._dependants.impact(lost, self._dependants.emptied(lost))

    def devices_needed(self, service: str) -> tuple[frozenset[str], ...]:
        """Return sets of devices: `service` runs while each of them keeps one that works.

        They are found through virtual machines, clusters and redundancy groups; what the services
        it depends on need is not among them.
        """
        return self._dependants.legs.devices_needed(Element(ElementKind.SERVICE, service))

    def _alone(self, element: Element) -> int | None:
        """Return the one vertex whose failure is that of `element`, if there is one."""
        if element.kind is ElementKind.CIRCUIT:
            return next(iter(self._graph.circuits.get(element.key, ())), None)
        return self._graph.vertices.get(element)

    def _standing(self, element: Element) -> list[Element]:
        """Return what fails with `element` of that on which others stand; devices apart."""
        # The only link of a circuit is that circuit's end.
        carriers = (one for one in self._carrier(element) if one.key not in self._bundles)
        found = (element, *carriers)
        return [one for one in found if one in self._dependants.legs]

    def _joint_impacts(self) -> Iterable[tuple[Element, Impact]]:
        """Yield what no single vertex can show: circuits of several links, and the sites.

        They are worked out when the network is read: what hangs on the data centre is the whole
        network, and looking at all of it takes longer than an answer may.
        """
        for circuit, cut in self._bundles.items():
            element = Element(ElementKind.CIRCUIT, circuit)
            yield element, self._joint(self._devices(cut), element)
        for site, names in self._site_devices.items():
            element = Element(ElementKind.SITE, site)
            own = [self._vertex(Element(ElementKind.DEVICE, name)) for name in names]
            tops = self._tree.tops(own)
            if len(tops) == 1:
                hidden, sites = self._slices.behind(tops[0])
                yield element, self._dependants.impact(hidden.union(names), sites)
            else:
                yield element, self._joint(self._devices(self._cut_off(own)).union(names), element)

    def _joint(self, devices: Iterable[str], element: Element) -> Impact:
        lost = frozenset(devices)
        return self._dependants.impact(
            lost, self._dependants.emptied(lost), self._standing(element)
        )

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
