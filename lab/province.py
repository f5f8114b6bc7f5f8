"""Draw the lab's province: two cores, three former districts as hubs, twelve communes.

hub-1 and hub-3 hang on both cores; hub-2 has one circuit only, so that cutting it hides its
communes. The communes of hub-3 speak eBGP to their hub, everything else OSPF; the cores reflect
iBGP routes between the hubs.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from lab.address import HOST_INTERFACE
from lab.names import HUB_NAMES, commune_names
from lab.scrambling import Scramble, add_spares
from lab.topology import Impairment, Kind, Link, Node, Port, Province, Site, Unit

if TYPE_CHECKING:
    from ipaddress import IPv4Interface

    from lab.address import AddressPlan

PROVINCE_ASN = 65000
COMMUNE_ASN = 65100  # plus the commune's number
HOST_NODE = "host"
SERVERS = (
    ("srv-portal", "server", 10),
    ("srv-dns", "server", 11),
    ("srv-sip", "registrar", 12),
    ("srv-bridge", "bridge", 13),
    ("srv-mail", "server", 14),
)


@dataclass(frozen=True)
class Shape:
    """How much of the province to draw."""

    hubs: tuple[int, ...] = (1, 2, 3)
    communes_per_hub: int = 4
    servers: tuple[str, ...] = tuple(name for name, _, _ in SERVERS)
    department: bool = True


FULL = Shape()
SMALL = Shape((1, 2), 2, ("srv-portal", "srv-dns"), department=False)


SIZES = ("full", "small", "scrambled")


@dataclass(frozen=True)
class End:
    """What one end of a new link needs to know."""

    node: Node
    address: IPv4Interface | None = None
    routing: str = "none"


class Draughtsman:
    """Adds sites, nodes and links to a province in a fixed order."""

    def __init__(
        self, addresses: AddressPlan, seed: int, shape: Shape, scramble: Scramble | None = None
    ) -> None:
        self.addresses = addresses
        self.shape = shape
        self.random = Random(seed)  # noqa: S311 - a drawing, not a secret
        self.province = Province(addresses, seed)
        self.routed_links = 0
        self.circuits = {"VNPT": 0, "VIETTEL": 0}
        self.scramble = scramble
        self.hub_of = {hub: hub for hub in shape.hubs}
        if scramble is not None:
            self.hub_of = scramble.hubs(shape.hubs)

    def draw(self) -> Province:
        """Return the finished province."""
        names = commune_names(12, self.random)
        self._units_and_sites(names)
        self._data_centre()
        for hub in self.shape.hubs:
            self._hub(hub)
        if self.shape.department:
            self._department()
        for hub in self.shape.hubs:
            for place in range(1, self.shape.communes_per_hub + 1):
                self._commune(hub, 4 * (hub - 1) + place)
        return self.province

    def _units_and_sites(self, names: list[str]) -> None:
        self._unit("tinh", "Ủy ban nhân dân tỉnh", "province", None)
        self._unit("so-khcn", "Sở Khoa học và Công nghệ", "department", "tinh")
        self._unit("so-yt", "Sở Y tế", "department", "tinh")
        self._site("dc", "Trung tâm dữ liệu tỉnh", "datacentre", "so-khcn")
        for hub, name in enumerate(HUB_NAMES, 1):
            if hub in self.shape.hubs:
                self._site(f"hub-{hub}", f"Điểm tập trung {name}", "hub", "so-khcn")
        if self.shape.department:
            self._site("so-yt", "Trụ sở Sở Y tế", "department", "so-yt")
        for number, name in enumerate(names, 1):
            hub, place = (number - 1) // 4 + 1, (number - 1) % 4
            if hub in self.shape.hubs and place < self.shape.communes_per_hub:
                self._unit(f"xa-{number:02}", f"Xã {name}", "commune", "tinh")
                self._site(
                    f"xa-{number:02}", f"Trụ sở UBND xã {name}", "commune", f"xa-{number:02}"
                )

    def _unit(self, code: str, name: str, kind: str, parent: str | None) -> None:
        self.province.units[code] = Unit(code, name, kind, parent)

    def _site(self, slug: str, name: str, kind: str, unit: str) -> None:
        latitude = round(16.46 + self.random.uniform(-0.35, 0.35), 5)
        longitude = round(107.59 + self.random.uniform(-0.45, 0.45), 5)
        self.province.sites[slug] = Site(slug, name, kind, unit, latitude, longitude)

    def _node(self, node: Node) -> Node:
        self.province.nodes[node.name] = node
        if self.scramble is not None and node.kind is not Kind.HOST:
            node.hostname = self.scramble.name()
        return node

    def _router(self, name: str, role: str, site: str, number: int) -> Node:
        loopback = self.addresses.loopback(number)
        return self._node(Node(name, Kind.ROUTER, role, site, loopback=loopback))

    def _switch(self, name: str, site: str, third: int, persona: str) -> Node:
        gateway = str(self.addresses.at(third, 1))
        node = Node(name, Kind.SWITCH, "switch", site, gateway=gateway, persona=persona)
        node.management = self.addresses.on_lan(third, 5)
        return self._node(node)

    def _port(self, end: End, description: str, interface: str = "") -> Port:
        if self.scramble is not None and end.node.kind in {Kind.ROUTER, Kind.SWITCH}:
            end.node.skipped += self.scramble.gap()
        name, label = end.node.next_port()
        if interface:
            name = label = interface
        port = Port(name, label, description, end.address, end.routing)
        end.node.ports.append(port)
        return port

    def _cable(self, a: End, z: End, interface: str = "") -> None:
        name = f"{a.node.name}--{z.node.name}"
        port_a = self._port(a, f"to {z.node.name}")
        port_z = self._port(z, f"to {a.node.name}", interface)
        ends = (a.node.name, port_a.name), (z.node.name, port_z.name)
        self.province.links[name] = Link(name, *ends)

    def _circuit(self, provider: str, a: End, z: End, rate_kbps: int) -> None:
        self.circuits[provider] += 1
        name = f"{provider}-{self.circuits[provider]:03}"
        port_a = self._port(a, f"{name} to {z.node.name}")
        port_z = self._port(z, f"{name} to {a.node.name}")
        quality = Impairment(
            delay_seconds=round(self.random.uniform(0.0005, 0.002), 4),
            rate_bps=rate_kbps * 1000.0,
        )
        ends = (a.node.name, port_a.name), (z.node.name, port_z.name)
        self.province.links[name] = Link(
            name, *ends, wire=True, provider=provider, rate_kbps=rate_kbps, impairment=quality
        )

    def _routed(self, a: Node, z: Node, routing: tuple[str, str]) -> tuple[End, End]:
        first, second = self.addresses.point_to_point(self.routed_links)
        self.routed_links += 1
        return End(a, first, routing[0]), End(z, second, routing[1])

    def _data_centre(self) -> None:
        cores = [self._router(f"core-{n}", "core", "dc", n) for n in (1, 2)]
        self._cable(*self._routed(cores[0], cores[1], ("ospf", "ospf")))
        switch = self._switch("dc-sw-1", "dc", 9, "ios")
        for number, core in enumerate(cores, 1):
            core.asn = PROVINCE_ASN
            self._cable(End(core, self.addresses.on_lan(9, 1 + number), "passive"), End(switch))
        host = Node(HOST_NODE, Kind.HOST, "host", "dc", management=self.addresses.host)
        self._cable(End(switch), End(self._node(host), self.addresses.host), HOST_INTERFACE)
        for name, role, last in SERVERS:
            if name in self.shape.servers:
                address = self.addresses.on_lan(9, last)
                server = Node(name, Kind.SERVER, role, "dc", management=address)
                server.gateway = str(self.addresses.gateway)
                self._cable(End(switch), End(self._node(server), address))

    def _hub(self, number: int) -> None:
        name, third = f"hub-{number}", 10 + number
        hub = self._router(name, "hub", name, 10 + number)
        hub.asn = PROVINCE_ASN
        core = self.province.nodes
        uplinks = {
            1: (("VNPT", "core-1"), ("VIETTEL", "core-2")),
            2: (("VNPT", "core-2"),),
            3: (("VIETTEL", "core-1"), ("VNPT", "core-2")),
        }[number]
        if self.scramble is not None and self.scramble.is_crossed():
            other = {"core-1": "core-2", "core-2": "core-1"}
            uplinks = tuple((provider, other[to]) for provider, to in uplinks)
        for provider, to in uplinks:
            self._circuit(provider, *self._routed(core[to], hub, ("ospf", "ospf")), 100_000)
        switch = self._switch(f"{name}-sw-1", name, third, "ios" if number == 3 else "eos")
        self._cable(End(hub, self.addresses.on_lan(third, 1), "passive"), End(switch))
        address = self.addresses.on_lan(third, 6)
        ups = Node(f"ups-{name}", Kind.UPS, "ups", name, management=address)
        ups.gateway = str(self.addresses.at(third, 1))
        self._cable(End(switch), End(self._node(ups), address))

    def _department(self) -> None:
        core = self.province.nodes["core-2"]
        switch = self._switch("so-yt-sw-1", "so-yt", 21, "eos")
        near = End(core, self.addresses.on_lan(21, 1), "passive")
        self._circuit("VNPT", near, End(switch), 50_000)

    def _commune(self, hub_number: int, number: int) -> None:
        name, third = f"xa-{number:02}", 100 + number
        hub = self.province.nodes[f"hub-{self.hub_of[hub_number]}"]
        node = self._router(name, "commune-router", name, third)
        routing = ("ospf", "ospf")
        if hub_number == 3:
            node.asn, routing = COMMUNE_ASN + number, ("bgp", "bgp")
        provider = "VNPT" if number % 2 else "VIETTEL"
        self._circuit(provider, *self._routed(hub, node, routing), 20_000)
        lan_routing = "none" if hub_number == 3 else "passive"
        room = Node(f"room-{name}", Kind.ROOM, "room", name)
        room.management = self.addresses.on_lan(third, 10)
        room.gateway = str(self.addresses.at(third, 1))
        near = End(node, self.addresses.on_lan(third, 1), lan_routing)
        self._cable(near, End(self._node(room), room.management))


def draw(
    addresses: AddressPlan, seed: int, shape: Shape = FULL, *, scrambled: bool = False
) -> Province:
    """Draw the province; the same arguments always give the same drawing.

    A scrambled one has other names, ports and ways than any other seed's, and spare ports.
    """
    scramble = Scramble(seed) if scrambled else None
    drawn = Draughtsman(addresses, seed, shape, scramble).draw()
    if scrambled:
        add_spares(drawn)
    return drawn


def draw_size(addresses: AddressPlan, seed: int, size: str) -> Province:
    """Draw the province of one of the SIZES."""
    shape = SMALL if size == "small" else FULL
    return draw(addresses, seed, shape, scrambled=size == "scrambled")


def only_switches(drawn: Province) -> Province:
    """Return the switches of a drawing with their sites and units: what needs no network.

    Their ports keep their descriptions; no link stands, because no frame passes.
    """
    kept = Province(drawn.addresses, drawn.seed)
    kept.nodes = {node.name: node for node in drawn.of_kind(Kind.SWITCH)}
    wanted = {node.site for node in kept.nodes.values()}
    kept.sites = {slug: site for slug, site in drawn.sites.items() if slug in wanted}
    units: set[str | None] = {site.unit for site in kept.sites.values()}
    units |= {unit.parent for code, unit in drawn.units.items() if code in units}
    kept.units = {code: unit for code, unit in drawn.units.items() if code in units}
    return kept
