"""What one device said of itself, as plain values; nothing here is believed to be harmless text."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_TEXT = 255


@dataclass(frozen=True, slots=True)
class Port:
    """An interface as IF-MIB tells it; speed in bits a second, None where the device does not say.

    `name` is what its command line calls it, `names` all it answers to.
    """

    index: int
    name: str
    names: tuple[str, ...] = ()
    description: str = ""
    type: int | None = None
    mtu: int | None = None
    mac: str = ""
    speed_bps: int | None = None
    is_enabled: bool | None = None
    is_up: bool | None = None


@dataclass(frozen=True, slots=True)
class InterfaceAddress:
    """An address of a device, its prefix length where it was told, and the port it is on."""

    address: str
    length: int | None
    port_index: int


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Who stands at the far end of a port, as LLDP or CDP heard it there.

    `chassis` and `port_id` are readable forms of the identifiers, MAC addresses as `aa:bb:…`.
    """

    port_index: int | None
    port: str
    protocol: str
    chassis: str = ""
    port_id: str = ""
    port_description: str = ""
    name: str = ""
    description: str = ""
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Station:
    """A MAC address that a switch learnt on a port."""

    mac: str
    port_index: int
    vlan: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that was read of one device at `address`; `gaps` are tables it did not give, with why.

    `hosts` are single addresses it has a route to: as a rule the loopbacks of other routers.
    """

    address: str
    name: str = ""
    object_id: str = ""
    description: str = ""
    location: str = ""
    platform: str | None = None
    manufacturer: str | None = None
    model: str = ""
    version: str = ""
    serial: str = ""
    engine_id: str = ""
    chassis: str = ""
    ports: tuple[Port, ...] = ()
    addresses: tuple[InterfaceAddress, ...] = ()
    vlans: tuple[tuple[int, str], ...] = ()
    arp: tuple[tuple[str, str], ...] = ()
    hosts: tuple[str, ...] = ()
    stations: tuple[Station, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    host_keys: tuple[str, ...] = ()
    credential: str = ""
    gaps: tuple[str, ...] = field(default=())

    @property
    def macs(self) -> frozenset[str]:
        """The MAC addresses of its ports: what a swapped name or address does not change."""
        return frozenset(port.mac for port in self.ports if port.mac)

    @property
    def own_addresses(self) -> frozenset[str]:
        """Every address it has, the one it answered on among them."""
        return frozenset({self.address, *(one.address for one in self.addresses)})

    def port(self, index: int | None) -> Port | None:
        """Return the port with this ifIndex."""
        return next((port for port in self.ports if port.index == index), None)
