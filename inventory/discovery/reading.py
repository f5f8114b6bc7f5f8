"""Reads one agent: a table, or a column of one, that it lacks or breaks spoils no other."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_network
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from hatang.drivers.snmp import Query
from hatang.errors import DriverError
from inventory import platforms
from inventory.discovery import identifiers, mibs, neighbours
from inventory.discovery.facts import Facts, InterfaceAddress, Port, Station

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hatang.drivers.protocols import SnmpValue
    from hatang.drivers.snmp import Reading

Cells: TypeAlias = dict[str, Mapping[str, "SnmpValue"]]

_UP: Final = 1  # IF-MIB: ifAdminStatus, ifOperStatus up(1)
_BOGUS_SPEED: Final = 4_294_967_295  # ifSpeed at its end says "more", ifHighSpeed then nonsense
_MEGA: Final = 1_000_000
_BROADCAST: Final = 3  # IP-MIB ipAddressType (RFC 4293)
# RFC 4001: ipv4(1), ipv6(2); zoned ones carry four octets more.
_ADDRESS_OCTETS: Final = {1: 4, 2: 16, 3: 4, 4: 16}
_NAME_LIMIT: Final = 64


class Agent(Protocol):
    """An SNMP agent as discovery reads it."""

    async def poll(self, query: Query) -> Reading:
        """Return what could be read beside why the rest could not; raises DriverError."""
        ...

    async def close(self) -> None:
        """Let go of the agent."""
        ...


async def read(agent: Agent, address: str) -> Facts:
    """Return all that the agent at `address` tells.

    Raises:
        DriverError: it does not give its system group; whatever else fails is one of the gaps.
    """
    system = await _system(agent)
    gaps: list[str] = []
    cells: Cells = {}
    for name, columns in _TABLES:
        cells |= await _table(agent, name, columns, gaps)
    return _facts(address, system, cells, tuple(gaps))


_SYSTEM: Final = (
    mibs.SYS_DESCR,
    mibs.SYS_OBJECT_ID,
    mibs.SYS_NAME,
    mibs.SYS_LOCATION,
    mibs.ENGINE_ID,
    *mibs.LLDP_CHASSIS,
)
_TABLES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("interfaces", mibs.INTERFACES),
    ("addresses", mibs.ADDRESSES),
    ("arp", mibs.ARP),
    ("routes", mibs.ROUTES),
    ("entities", mibs.ENTITIES),
    ("bridge", mibs.BRIDGE),
    ("vlans", (mibs.VLAN_NAME,)),
    ("lldp ports", mibs.LLDP_LOCAL),
    ("lldp", mibs.LLDP_REMOTE),
    ("cdp", mibs.CDP),
)


async def _system(agent: Agent) -> dict[str, SnmpValue]:
    found = await agent.poll(Query(scalars=_SYSTEM))
    if found.gaps and not found.scalars:
        gap = next(iter(found.gaps.values()))
        raise DriverError(f"gives no system group: {gap.detail}", gap.reason)
    return found.scalars


async def _table(agent: Agent, name: str, columns: Sequence[str], gaps: list[str]) -> Cells:
    """Return the cells of each column that came whole; what an agent broke off is not believed."""
    try:
        found = (await agent.poll(Query(tables=(tuple(columns),)))).columns
    except DriverError as error:
        gaps.append(f"{name}: {error.reason}")
        return {column: {} for column in columns}
    reasons = dict.fromkeys(one.gap.reason for one in found.values() if one.gap is not None)
    gaps.extend(f"{name}: {reason}" for reason in reasons)
    return {column: {} if found[column].gap else found[column].cells for column in columns}


def _facts(
    address: str, system: dict[str, SnmpValue], cells: Cells, gaps: tuple[str, ...]
) -> Facts:
    description = identifiers.text(system.get(mibs.SYS_DESCR))
    object_id = identifiers.text(system.get(mibs.SYS_OBJECT_ID))
    raw = system.get(mibs.SYS_DESCR)
    said = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else description
    platform = platforms.recognise(object_id, said)
    told = platform.facts.read(platforms.cleaned(said)) if platform else {}
    chassis = _chassis(cells)
    ports = tuple(_ports(cells))
    return Facts(
        address=address,
        name=identifiers.text(system.get(mibs.SYS_NAME)),
        object_id=object_id,
        description=description,
        location=identifiers.text(system.get(mibs.SYS_LOCATION)),
        platform=platform.name if platform else None,
        manufacturer=chassis.get("maker") or (platform.manufacturer if platform else None),
        model=chassis.get("model") or told.get("hardware", ""),
        version=told.get("version") or chassis.get("software", ""),
        serial=chassis.get("serial") or told.get("serial", ""),
        engine_id=identifiers.hexadecimal(system.get(mibs.ENGINE_ID)),
        chassis=identifiers.chassis(*(system.get(oid) for oid in mibs.LLDP_CHASSIS)),
        ports=ports,
        addresses=tuple(_addresses(cells)),
        vlans=tuple(_vlans(cells)),
        arp=tuple(dict(_arp(cells)).items()),
        hosts=tuple(dict.fromkeys(_hosts(cells))),
        stations=tuple(_stations(cells)),
        neighbours=tuple(neighbours.heard(cells, ports)),
        gaps=gaps,
    )


def _ports(cells: Cells) -> Iterator[Port]:
    for index in {**cells[mibs.IF_DESCR], **cells[mibs.IF_NAME]}:
        if not index.isdigit():
            continue
        row = {column: cells[column].get(index) for column in mibs.INTERFACES}
        long, short = (identifiers.text(row[one]) for one in (mibs.IF_DESCR, mibs.IF_NAME))
        names = tuple(dict.fromkeys(name for name in (long, short) if name))
        yield Port(
            index=int(index),
            name=_command_line_name(long, short) or index,
            names=names,
            description=identifiers.text(row[mibs.IF_ALIAS]),
            type=identifiers.number(row[mibs.IF_TYPE]),
            mtu=identifiers.number(row[mibs.IF_MTU]),
            mac=identifiers.mac(row[mibs.IF_MAC]),
            speed_bps=_speed(row[mibs.IF_HIGH_SPEED], row[mibs.IF_SPEED]),
            is_enabled=_is_up(row[mibs.IF_ADMIN]),
            is_up=_is_up(row[mibs.IF_OPER]),
        )


def _command_line_name(long: str, short: str) -> str:
    """Return the name a person types: ifDescr, unless it is prose, then ifName."""
    usable = long and len(long) <= _NAME_LIMIT and " " not in long
    return long if usable or not short else short


def _speed(high: SnmpValue | None, low: SnmpValue | None) -> int | None:
    megabits, bits = identifiers.number(high), identifiers.number(low)
    if megabits and megabits != _BOGUS_SPEED:
        return megabits * _MEGA
    return None if bits in {None, 0, _BOGUS_SPEED} else bits


def _is_up(value: SnmpValue | None) -> bool | None:
    found = identifiers.number(value)
    return None if found is None else found == _UP


def _addresses(cells: Cells) -> Iterator[InterfaceAddress]:
    found: dict[str, InterfaceAddress] = {}
    for index, port in cells[mibs.IP_AD_IF_INDEX].items():
        address = identifiers.address(index)
        if address and isinstance(port, int):
            length = _mask_length(identifiers.text(cells[mibs.IP_AD_MASK].get(index)))
            found[address] = InterfaceAddress(address, length, port)
    for index, port in cells[mibs.IP_ADDRESS_IF_INDEX].items():
        address = _address_in(_arcs(index))
        if cells[mibs.IP_ADDRESS_TYPE].get(index) == _BROADCAST:
            continue  # where a network's call to all goes is nobody's address
        if address and isinstance(port, int) and address not in found:
            pointer = identifiers.text(cells[mibs.IP_ADDRESS_PREFIX].get(index))
            found[address] = InterfaceAddress(address, _pointed_length(pointer), port)
    yield from found.values()


def _mask_length(mask: str) -> int | None:
    try:
        return ip_network(f"0.0.0.0/{mask}").prefixlen
    except ValueError:
        return None


def _pointed_length(pointer: str) -> int | None:
    # The RowPointer names a row of ipAddressPrefixTable; the length is its index' last arc.
    last = pointer.rpartition(".")[2]
    return int(last) if last.isdigit() and pointer.count(".") > 10 else None


def _address_in(arcs: tuple[int, ...]) -> str:
    """Return the address that stands in an index as type, length and octets (RFC 4001)."""
    octets = _ADDRESS_OCTETS.get(arcs[0], 0) if len(arcs) > 2 else 0
    return identifiers.address(arcs[2 : 2 + octets]) if octets else ""


def _arp(cells: Cells) -> Iterator[tuple[str, str]]:
    for index, value in cells[mibs.NET_TO_MEDIA].items():
        address, mac = identifiers.address(_arcs(index)[1:]), identifiers.mac(value)
        if address and mac:
            yield address, mac
    for index, value in cells[mibs.NET_TO_PHYSICAL].items():
        address, mac = _address_in(_arcs(index)[1:]), identifiers.mac(value)
        if address and mac:
            yield address, mac


def _hosts(cells: Cells) -> Iterator[str]:
    """Yield the destinations of routes that are one address long."""
    for index in cells[mibs.INET_ROUTE_IF_INDEX]:
        arcs = _arcs(index)
        octets = _ADDRESS_OCTETS.get(arcs[0], 0) if len(arcs) > 2 else 0
        address = _address_in(arcs)
        if address and arcs[2 + octets : 3 + octets] == (8 * octets,):
            yield address
    for index in cells[mibs.CIDR_ROUTE_IF_INDEX]:
        arcs = _arcs(index)
        address = identifiers.address(arcs[:4])
        if address and arcs[4:8] == (255, 255, 255, 255):
            yield address


def _vlans(cells: Cells) -> Iterator[tuple[int, str]]:
    for index, name in cells[mibs.VLAN_NAME].items():
        if index.isdigit():
            yield int(index), identifiers.text(name)


def _stations(cells: Cells) -> Iterator[Station]:
    ports = cells[mibs.BRIDGE_PORT_IF_INDEX]
    found: dict[str, Station] = {}
    for column, width in ((mibs.VLAN_FDB_PORT, 7), (mibs.FDB_PORT, 6)):
        for index, number in cells[column].items():
            arcs = _arcs(index)
            mac = identifiers.mac_of_arcs(arcs[-6:]) if len(arcs) == width else ""
            port = ports.get(str(number), number)  # some agents number bridge ports as interfaces
            if mac and isinstance(port, int) and port:
                vlan = arcs[0] if width == 7 else None
                found.setdefault(mac, Station(mac, port, vlan))
    yield from found.values()


def _chassis(cells: Cells) -> dict[str, str]:
    """Return what ENTITY-MIB says of the first chassis (or stack), else of what has a serial."""
    columns = {
        "maker": mibs.ENT_MAKER,
        "model": mibs.ENT_MODEL,
        "serial": mibs.ENT_SERIAL,
        "software": mibs.ENT_SOFTWARE,
    }
    rows = cells[mibs.ENT_CLASS]
    whole = [index for index, one in rows.items() if one in mibs.CHASSIS_CLASSES]
    for index in sorted(whole, key=lambda one: (rows[one], _arcs(one))):
        found = {name: identifiers.text(cells[oid].get(index)) for name, oid in columns.items()}
        if found["serial"] or found["model"]:
            return {name: value for name, value in found.items() if value}
    return {}


def _arcs(index: str) -> tuple[int, ...]:
    return tuple(int(arc) for arc in index.split(".") if arc.isdigit())
