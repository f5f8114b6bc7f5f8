"""What the lab is made of: nodes, ports and links, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Interface

    from lab.address import AddressPlan


class Kind(StrEnum):
    """How a node is started and what it runs."""

    ROUTER = "router"
    SWITCH = "switch"
    SERVER = "server"
    UPS = "ups"
    ROOM = "room"
    HOST = "host"


@dataclass(frozen=True)
class Port:
    """One network port of a node; `label` is what the device itself calls it."""

    name: str
    label: str
    description: str
    address: IPv4Interface | None = None
    routing: str = "none"  # none | ospf | passive | bgp


@dataclass
class Node:
    """One device of the province."""

    name: str
    kind: Kind
    role: str
    site: str
    management: IPv4Interface | None = None
    loopback: IPv4Interface | None = None
    gateway: str | None = None
    persona: str = ""  # ios | eos for switches
    asn: int | None = None
    hostname: str = ""  # where it calls itself otherwise than the lab does
    skipped: int = 0
    ports: list[Port] = field(default_factory=list)

    def next_port(self) -> tuple[str, str]:
        """Return name and label of the next free port."""
        number = len(self.ports) + self.skipped + 1
        if self.persona == "eos":
            return f"Ethernet{number}", f"Ethernet{number}"
        name = f"eth{number}"
        return name, f"GigabitEthernet1/0/{number}" if self.persona == "ios" else name

    @property
    def called(self) -> str:
        """What the node says it is called."""
        return self.hostname or self.name

    def port(self, name: str) -> Port:
        """Return the port with this name (KeyError when there is none)."""
        for port in self.ports:
            if port.name == name:
                return port
        raise KeyError(name)

    @property
    def address(self) -> str:
        """The one address the operations centre talks to (in-band)."""
        held = self.loopback or self.management
        return str(held.ip) if held else ""


@dataclass(frozen=True)
class Impairment:
    """What a wire does to frames: seconds, a share of 1, bits a second (0 = as fast as it can)."""

    delay_seconds: float = 0.0
    jitter_seconds: float = 0.0
    loss_ratio: float = 0.0
    rate_bps: float = 0.0


@dataclass(frozen=True)
class Link:
    """A cable (`wire` false: a veth pair) or a carrier's circuit (`wire` true)."""

    name: str
    a: tuple[str, str]
    z: tuple[str, str]
    wire: bool = False
    provider: str = ""
    rate_kbps: int = 0
    impairment: Impairment = Impairment()

    def end_at(self, node: str) -> tuple[str, str]:
        """Return the end standing at this node."""
        return self.a if self.a[0] == node else self.z


@dataclass(frozen=True)
class Site:
    """A place with equipment, and the organisation it belongs to."""

    slug: str
    name: str
    kind: str
    unit: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Unit:
    """An organisation of the province."""

    code: str
    name: str
    kind: str
    parent: str | None


@dataclass
class Province:
    """The whole lab before anything runs; the same seed and prefix give the same value."""

    addresses: AddressPlan
    seed: int
    nodes: dict[str, Node] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)

    def of_kind(self, *kinds: Kind) -> list[Node]:
        """Return the nodes of these kinds in their order of creation."""
        return [node for node in self.nodes.values() if node.kind in kinds]

    def links_of(self, node: str) -> list[Link]:
        """Return every link that ends at this node."""
        return [link for link in self.links.values() if node in (link.a[0], link.z[0])]
