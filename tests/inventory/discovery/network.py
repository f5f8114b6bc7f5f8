"""A network of SNMP agents in memory: what each would answer, made from what it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hatang.drivers.fakes import FakePing, FakeSnmp
from hatang.drivers.snmp import Column, Gap, Query, Reading
from hatang.drivers.target import SnmpLogin, SnmpUser
from hatang.errors import DriverError, Reason
from inventory.discovery import mibs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hatang.drivers.protocols import Pinger, PingResult, SnmpValue
    from inventory.discovery.reading import Agent

USER = SnmpUser("nms", "authpass123", "privpass123")
WRONG = SnmpUser("old", "authpass123", "privpass123")
FRR = "FRRouting 8.4.4 on Debian GNU/Linux 12"
SWITCH = "Arista Networks EOS version 4.28.3M"


@dataclass
class Box:
    """A device: ports by number, addresses by port, and cables to other boxes."""

    name: str
    number: int
    description: str = FRR
    object_id: str = "1.3.6.1.4.1.8072.3.2.10"
    ports: dict[int, str] = field(default_factory=dict)
    addresses: dict[str, int] = field(default_factory=dict)
    arp: dict[str, str] = field(default_factory=dict)
    routes: tuple[str, ...] = ()
    stations: dict[str, int] = field(default_factory=dict)
    vlans: dict[int, str] = field(default_factory=dict)
    disabled: set[int] = field(default_factory=set)
    serial: str = ""
    engine: int | None = None
    speaks_lldp: bool = True

    @property
    def chassis(self) -> bytes:
        return bytes([2, 0, 0, 0, self.number, 0])

    def mac(self, port: int) -> str:
        return bytes([2, 0, 0, 0, self.number, port]).hex(":")

    def add(self, port: str, *addresses: str) -> int:
        index = len(self.ports) + 1
        self.ports[index] = port
        self.addresses.update(dict.fromkeys(addresses, index))
        return index


@dataclass
class Network:
    """Boxes and the cables between their ports; `silent` addresses answer nobody."""

    boxes: dict[str, Box] = field(default_factory=dict)
    cables: list[tuple[tuple[str, int], tuple[str, int]]] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)
    losing: dict[str, int] = field(default_factory=dict)  # how many pings go unanswered
    refusing: set[str] = field(default_factory=set)
    deaf: bool = False
    cut: frozenset[str] = frozenset()  # columns that every agent breaks off
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def add(self, box: Box) -> Box:
        self.boxes[box.name] = box
        return box

    def cable(self, a: Box, a_port: int, b: Box, b_port: int) -> None:
        self.cables.append(((a.name, a_port), (b.name, b_port)))

    def owner(self, address: str) -> Box | None:
        return next((box for box in self.boxes.values() if address in box.addresses), None)

    # As Transports:

    @property
    def pinger(self) -> Pinger:
        alive = {one for box in self.boxes.values() for one in box.addresses} - self.silent
        return _Losing(dict.fromkeys(alive, 0.001), losing=self.losing)

    def reader(self, address: str, login: SnmpLogin) -> Agent:
        who = login.username if isinstance(login, SnmpUser) else login.waiver
        self.asked.append((address, who))
        box = self.owner(address)
        if box is None or address in self.silent:
            return Polled({}, DriverError(f"{address}: no answer", Reason.TIMEOUT))
        if login is WRONG or address in self.refusing:
            return Polled({}, DriverError(f"{address}: refused", Reason.AUTH_FAILED))
        if self.deaf:
            return _Deaf(self.instances(box))
        found = Polled(self.instances(box))
        found.broken = self.cut
        return found

    def host_keys(self, address: str) -> tuple[str, ...]:
        return self.keys.get(address, ())

    def instances(self, box: Box) -> dict[str, SnmpValue]:
        found: dict[str, SnmpValue] = {
            mibs.SYS_DESCR: box.description.encode(),
            mibs.SYS_OBJECT_ID: box.object_id,
            mibs.SYS_NAME: box.name.encode(),
            mibs.SYS_LOCATION: b"somewhere",
            mibs.ENGINE_ID: bytes([128, 0, box.engine or box.number]),
        }
        for index, name in box.ports.items():
            found |= {
                f"{mibs.IF_DESCR}.{index}": name.encode(),
                f"{mibs.IF_NAME}.{index}": name.encode(),
                f"{mibs.IF_MAC}.{index}": bytes.fromhex(box.mac(index).replace(":", "")),
                f"{mibs.IF_ADMIN}.{index}": 2 if index in box.disabled else 1,
                f"{mibs.IF_OPER}.{index}": 1,
            }
            found[f"{mibs.BRIDGE_PORT_IF_INDEX}.{index}"] = index
        for address, index in box.addresses.items():
            found[f"{mibs.IP_AD_IF_INDEX}.{address}"] = index
            found[f"{mibs.IP_AD_MASK}.{address}"] = "255.255.255.0"
        for address in box.routes:
            found[f"{mibs.CIDR_ROUTE_IF_INDEX}.{address}.255.255.255.255.0.10.0.0.1"] = 1
            found[f"{mibs.CIDR_ROUTE_IF_INDEX}.{address}.255.255.255.0.0.10.0.0.1"] = 1
        for address, mac in box.arp.items():
            found[f"{mibs.NET_TO_MEDIA}.1.{address}"] = bytes.fromhex(mac.replace(":", ""))
        for mac, port in box.stations.items():
            arcs = ".".join(str(octet) for octet in bytes.fromhex(mac.replace(":", "")))
            found[f"{mibs.FDB_PORT}.{arcs}"] = port
        for vid, name in box.vlans.items():
            found[f"{mibs.VLAN_NAME}.{vid}"] = name.encode()
        if box.serial:
            found[f"{mibs.ENT_CLASS}.1"] = 3
            found[f"{mibs.ENT_SERIAL}.1"] = box.serial.encode()
        return found | self._lldp(box)

    def _lldp(self, box: Box) -> dict[str, SnmpValue]:
        if not box.speaks_lldp:
            return {}
        found: dict[str, SnmpValue] = {
            mibs.LLDP_CHASSIS[0]: 4,
            mibs.LLDP_CHASSIS[1]: box.chassis,
        }
        for index, name in box.ports.items():
            found[f"{mibs.LLDP_PORT_SUBTYPE}.{index}"] = 5
            found[f"{mibs.LLDP_PORT_ID}.{index}"] = name.encode()
        for a, b in self.cables:
            for (near, near_port), (far, far_port) in ((a, b), (b, a)):
                if near == box.name and self.boxes[far].speaks_lldp:
                    found |= _row(self.boxes[far], far_port, f"0.{near_port}.1")
        return found


@dataclass(slots=True)
class _Losing(FakePing):
    """Pings that are lost, as on a busy machine."""

    losing: dict[str, int] = field(default_factory=dict)

    async def ping(
        self, addresses: Sequence[str], *, count: int = 3, timeout_seconds: float = 2.0
    ) -> Mapping[str, PingResult]:
        lost = {one for one in addresses if self.losing.get(one)}
        for one in lost:
            self.losing[one] -= 1
        heard = FakePing({one: rtt for one, rtt in self.alive.items() if one not in lost})
        return await heard.ping(addresses, count=count, timeout_seconds=timeout_seconds)


class Polled(FakeSnmp):
    """An agent as the engine reads it; the columns of `broken` end with a gap."""

    broken: frozenset[str] = frozenset()

    async def poll(self, query: Query) -> Reading:
        names = [name for table in query.tables for name in table]
        cells = await self.columns(names) if names else {}
        found = {name: Column(name, b"", 0) for name in names}
        for name, column in found.items():
            column.cells = dict(cells[name])
            column.gap = Gap(Reason.TIMEOUT, "no end") if name in self.broken else None
        return Reading(await self.get(query.scalars), found)


class _Deaf(Polled):
    """An agent whose tables of neighbours break."""

    broken = frozenset({*mibs.LLDP_REMOTE, *mibs.CDP})


def _row(far: Box, port: int, row: str) -> dict[str, SnmpValue]:
    address = next(iter(far.addresses), "")
    found: dict[str, SnmpValue] = {
        f"{mibs.LLDP_FAR_CHASSIS_SUBTYPE}.{row}": 4,
        f"{mibs.LLDP_FAR_CHASSIS}.{row}": far.chassis,
        f"{mibs.LLDP_FAR_PORT_SUBTYPE}.{row}": 5,
        f"{mibs.LLDP_FAR_PORT}.{row}": far.ports[port].encode(),
        f"{mibs.LLDP_FAR_NAME}.{row}": far.name.encode(),
    }
    if address:
        found[f"{mibs.LLDP_FAR_ADDRESS}.{row}.1.4.{address}"] = 2
    return found


def small(names: Sequence[str] = ("core-1", "rtr-01", "rtr-02", "sw-1")) -> Network:
    """Return a core with two routers and a switch, all cabled and addressed."""
    network = Network()
    core = network.add(Box(names[0], 1))
    for number, name in enumerate(names[1:3], 1):
        router = network.add(Box(name, 1 + number))
        near = core.add(f"eth{number}", f"10.250.{number}.2")
        far = router.add("eth0", f"10.250.{number}.1")
        network.cable(core, near, router, far)
    switch = network.add(Box(names[3], 4, SWITCH, "1.3.6.1.4.1.30065.1.3011"))
    near, far = core.add("eth3", "10.250.9.1"), switch.add("Ethernet1", "10.250.9.5")
    network.cable(core, near, switch, far)
    return network
