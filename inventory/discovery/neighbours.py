"""Who stands at the far end of each port: LLDP's and CDP's remote tables, joined to the ports."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from inventory.discovery import identifiers, mibs
from inventory.discovery.facts import Neighbour, Port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hatang.drivers.protocols import SnmpValue

    Cells = Mapping[str, Mapping[str, SnmpValue]]

_LOCAL_MAC: Final = 3  # LldpPortIdSubtype macAddress(3)
_ROW_ARCS: Final = 3  # time mark, local port number, index of the neighbour


def heard(cells: Cells, ports: Sequence[Port]) -> Iterator[Neighbour]:
    """Yield every neighbour of the device whose tables these are, LLDP's before CDP's."""
    yield from _lldp(cells, ports)
    yield from _cdp(cells, ports)


def _lldp(cells: Cells, ports: Sequence[Port]) -> Iterator[Neighbour]:
    addresses = _lldp_addresses(cells)
    for index, value in cells[mibs.LLDP_FAR_CHASSIS].items():
        arcs = index.split(".")
        if len(arcs) != _ROW_ARCS:
            continue
        row = {column: cells[column].get(index) for column in mibs.LLDP_REMOTE}
        local = _local_port(cells, ports, arcs[1])
        yield Neighbour(
            port_index=local.index if local else None,
            port=local.name if local else arcs[1],
            protocol="lldp",
            chassis=identifiers.chassis(row[mibs.LLDP_FAR_CHASSIS_SUBTYPE], value),
            port_id=identifiers.port(row[mibs.LLDP_FAR_PORT_SUBTYPE], row[mibs.LLDP_FAR_PORT]),
            port_description=identifiers.text(row[mibs.LLDP_FAR_PORT_TEXT]),
            name=identifiers.text(row[mibs.LLDP_FAR_NAME]),
            description=identifiers.text(row[mibs.LLDP_FAR_TEXT]),
            addresses=tuple(addresses[index]),
        )


def _lldp_addresses(cells: Cells) -> defaultdict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for index in cells[mibs.LLDP_FAR_ADDRESS]:
        arcs = index.split(".")
        row, octets = ".".join(arcs[:_ROW_ARCS]), arcs[_ROW_ARCS + 2 :]
        if address := identifiers.address(int(octet) for octet in octets):
            found[row].append(address)
    return found


def _local_port(cells: Cells, ports: Sequence[Port], number: str) -> Port | None:
    """Return the port that LLDP numbers `number`: by its identifier, else by its ifIndex."""
    subtype = cells[mibs.LLDP_PORT_SUBTYPE].get(number)
    value = cells[mibs.LLDP_PORT_ID].get(number)
    name = identifiers.port(subtype, value)
    if subtype == _LOCAL_MAC:
        found = [port for port in ports if port.mac == name]
    else:
        found = named(ports, name)
    if len(found) != 1:
        found = named(ports, identifiers.text(cells[mibs.LLDP_PORT_TEXT].get(number)))
    if len(found) != 1:
        found = [port for port in ports if str(port.index) == number]
    return found[0] if len(found) == 1 else None


def named(ports: Sequence[Port], name: str) -> list[Port]:
    """Return the ports called `name`: exactly, else by the way vendors shorten names."""
    exactly = [port for port in ports if name and name in {port.name, *port.names}]
    if exactly:
        return exactly
    return [
        port
        for port in ports
        if any(identifiers.same_port(name, one) for one in (port.name, *port.names))
    ]


def _cdp(cells: Cells, ports: Sequence[Port]) -> Iterator[Neighbour]:
    for index, value in cells[mibs.CDP_DEVICE].items():
        number = index.partition(".")[0]
        local = next((port for port in ports if str(port.index) == number), None)
        address = cells[mibs.CDP_ADDRESS].get(index)
        found = identifiers.address(address) if isinstance(address, bytes) else ""
        # A Nexus writes its serial number behind the name: sw1(FOC1234X5YZ).
        name = identifiers.text(value).partition("(")[0]
        yield Neighbour(
            port_index=local.index if local else None,
            port=local.name if local else number,
            protocol="cdp",
            port_id=identifiers.text(cells[mibs.CDP_PORT].get(index)),
            name=name,
            description=identifiers.text(cells[mibs.CDP_PLATFORM].get(index)),
            addresses=(found,) if found else (),
        )
