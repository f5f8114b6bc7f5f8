"""The inventory's network as correlation needs it: groups of what each element cannot do without.

A device needs one of its neighbours that are reached without it; so a device is the cause when it
is bad and some way up to it is not. A part needs its device, a service what the inventory says that
it needs of devices and all services it depends on, a site one of its devices, a room its site.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from alerts.graph import ElementInfo
from inventory.choices import ElementKind
from inventory.network import Element

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from alerts.graph import Groups, Line
    from inventory.network import LinkEdge
    from inventory.topology import Topology


class InventoryView:
    """A TopologyView over the inventory's topology.

    `names` gives what people call an element (`device:KEY`, `site:SLUG`, ...), with its site and
    scope; what is missing there is shown by its key. `peers` gives the device of an address, since
    a BGP session leads to one that may be far away. `lines` gives the circuits of links,
    `supplies` the power company, as an element, of sites with a UPS.
    """

    def __init__(
        self,
        topology: Topology,
        names: Mapping[str, ElementInfo],
        ends: Mapping[str, str],
        peers: Mapping[str, str] | None = None,
        *,
        lines: Mapping[str, Line] | None = None,
        supplies: Mapping[str, str] | None = None,
    ) -> None:
        self._names = names
        self._lines = lines or {}
        self._supplies = supplies or {}
        self.ends = ends
        self._peers = peers or {}
        self._groups: dict[str, Groups] = {}
        self._near: dict[str, set[str]] = {}
        self._link_ends: dict[str, frozenset[str]] = {}
        self._place_devices(topology)
        self._place_others(topology)

    def elements(self) -> Iterable[ElementInfo]:
        """Return every element once."""
        for element in self._groups:
            yield self.describe(element)

    def link_ends(self) -> Mapping[str, frozenset[str]]:
        """Return the devices at the ends of each link."""
        return self._link_ends

    def lines(self) -> Mapping[str, Line]:
        """Return the circuit of each link that has one."""
        return self._lines

    def supplies(self) -> Mapping[str, str]:
        """Return the power company of each site with a UPS where it is known."""
        return self._supplies

    def describe(self, element: str) -> ElementInfo:
        """Return what people call `element`; a part is called by its device and its own name."""
        if known := self._names.get(element):
            return known
        kind, _, key = element.partition(":")
        owner, _, part = key.partition(":")
        device = self._names.get(f"device:{owner}")
        if device is None:
            return ElementInfo(element, kind, key or element)
        name = f"{device.name} {part}".strip()
        return replace(device, element=element, kind=kind, name=name, people=0)

    def upstream_groups(self, element: str) -> Groups:
        """Return the groups `element` needs; empty for the root and for unknown elements."""
        known = self._groups.get(element)
        if known is not None:
            return known
        kind, _, rest = element.partition(":")
        owner, _, part = rest.partition(":")
        device = f"device:{owner}"
        if device not in self._groups:
            return ()
        if kind in ("bgp", "ospf"):
            # Which neighbour stands behind an address that is no device's own, only the device
            # knows: any of them explains it.
            around = self._near[device] | ({self._peers[part]} if part in self._peers else set())
            return (one(device), *(one(each) for each in sorted(around)))
        return (one(device),)

    def _place_devices(self, topology: Topology) -> None:
        network = topology.network
        roots = {each.key for each in network.devices if each.is_root}
        near: dict[str, list[tuple[LinkEdge, str]]] = {each.key: [] for each in network.devices}
        for link in network.links:
            near[link.a].append((link, link.z))
            near[link.z].append((link, link.a))
            self._groups[f"link:{link.key}"] = ()
            self._link_ends[f"link:{link.key}"] = frozenset(
                (f"device:{link.a}", f"device:{link.z}")
            )
        for device, links in near.items():
            around = {f"link:{link.key}" for link, _ in links} | {
                f"device:{far}" for _, far in links
            }
            self._near[f"device:{device}"] = around - {f"device:{device}"}
            if device in roots:
                self._groups[f"device:{device}"] = ()
                continue
            hidden = topology.affected(Element(ElementKind.DEVICE, device)).devices
            ways = frozenset(
                self._way(link, far) for link, far in links if far not in hidden and far != device
            )
            self._groups[f"device:{device}"] = (ways,) if ways else ()

    def _way(self, link: LinkEdge, far: str) -> str:
        """Return the way over `link` from `far`: it is lost with either."""
        way = f"way:{link.key}:{far}"
        self._groups[way] = (one(f"link:{link.key}"), one(f"device:{far}"))
        return way

    def _place_others(self, topology: Topology) -> None:
        network = topology.network
        at: dict[str, set[str]] = {}
        for device in network.devices:
            at.setdefault(device.site, set()).add(f"device:{device.key}")
        for site in network.sites:
            self._groups[f"site:{site.key}"] = _any(at.get(site.key, set()))
        for service in network.services:
            runs = tuple(
                frozenset(f"device:{each}" for each in some)
                for some in topology.devices_needed(service.key)
            )
            needs = tuple(one(f"service:{each}") for each in service.depends_on)
            self._groups[f"service:{service.key}"] = (*runs, *needs)
        for room in network.rooms:
            self._groups[f"room:{room.key}"] = (one(f"site:{room.site}"),)


def one(element: str) -> frozenset[str]:
    """Return the group of one element that nothing backs up."""
    return frozenset((element,))


def _any(elements: set[str]) -> Groups:
    return (frozenset(elements),) if elements else ()
