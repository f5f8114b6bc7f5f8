"""Facts of a device from its command line, where no SNMP agent tells them.

Which command tells what is data of the platform; ntc-templates turns the text into columns. What
it cannot parse is a gap, never a failure of the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from ipaddress import ip_interface
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ntc_templates.parse import ParsingException, parse_output
from textfsm import Error as TemplateError

from hatang.errors import DriverError
from inventory.discovery import identifiers
from inventory.discovery.facts import Facts, InterfaceAddress, Neighbour, Port
from inventory.discovery.neighbours import named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hatang.drivers.protocols import CliSession
    from inventory.platforms import Platform

Rows: TypeAlias = Sequence[Mapping[str, Any]]
# No command of these fills more; what is longer is not a device's answer to it.
MAX_CHARACTERS: Final = 4_000_000
_NOT_HEX: Final = re.compile(r"[^0-9a-fA-F]")
_KILO: Final = 1000


def ask(session: CliSession, platform: Platform) -> tuple[dict[str, str], list[str]]:
    """Return what the platform's commands print, and the commands that failed with why."""
    outputs, gaps = {}, []
    for one in platform.tells:
        try:
            outputs[one.command] = session.show(one.command)
        except DriverError as error:
            gaps.append(f"{one.command}: {error.reason}")
    return outputs, gaps


def parse(platform: Platform, command: str, output: str) -> Rows:
    """Return the output's rows by column; raises ValueError when it cannot be parsed."""
    name = platform.drivers.netmiko or platform.name
    try:
        rows = parse_output(platform=name, command=command, data=output[:MAX_CHARACTERS])
    except (ParsingException, TemplateError) as error:
        raise ValueError(f"{command}: {type(error).__name__}") from error
    return list(rows)


def facts(platform: Platform, parsed: Mapping[str, Rows], address: str) -> Facts:
    """Return the facts that stand in the rows `parsed` from each command."""
    device: dict[str, str] = {}
    ports: dict[str, dict[str, str]] = {}
    for one in platform.tells:
        rows = parsed.get(one.command, ())
        if one.device and rows:
            device = {**_columns(rows[0], one.device), **device}
        if one.ports:
            found = (_columns(row, one.ports) for row in rows)
            ports |= {row["name"]: row for row in found if row["name"]}
    made = tuple(_port(index, row) for index, row in enumerate(ports.values(), 1))
    return Facts(
        address=address,
        name=device.get("name", ""),
        platform=platform.name,
        manufacturer=platform.manufacturer,
        model=device.get("model", ""),
        version=device.get("version", ""),
        serial=device.get("serial", ""),
        ports=made,
        addresses=tuple(_addresses(ports.values())),
        neighbours=heard(platform, parsed, made),
    )


def heard(
    platform: Platform, parsed: Mapping[str, Rows], ports: Sequence[Port]
) -> tuple[Neighbour, ...]:
    """Return the neighbours that stand in the rows `parsed` from each command."""
    found = []
    for one in platform.tells:
        if one.neighbours:
            protocol = "cdp" if "cdp" in one.command else "lldp"
            rows = (_columns(row, one.neighbours) for row in parsed.get(one.command, ()))
            found += [_neighbour(protocol, row, ports) for row in rows if row["port"]]
    return tuple(found)


def read(session: CliSession, platform: Platform, address: str) -> Facts:
    """Ask a device's command line and return what it told, with the gaps."""
    outputs, gaps = ask(session, platform)
    parsed: dict[str, Rows] = {}
    for command, output in outputs.items():
        try:
            parsed[command] = parse(platform, command, output)
        except ValueError as error:
            gaps.append(str(error))
    return replace(facts(platform, parsed, address), gaps=tuple(gaps))


def _columns(row: Mapping[str, Any], wanted: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name, column in wanted.items():
        value = row.get(column)
        first = (value[0] if value else "") if isinstance(value, list) else value
        found[name] = identifiers.text(first)
    return found


def _port(index: int, row: Mapping[str, str]) -> Port:
    bandwidth = re.match(r"\d+", row.get("bandwidth", ""))
    link, protocol = row.get("link", "").lower(), row.get("protocol", "").lower()
    return Port(
        index=index,
        name=row["name"],
        names=(row["name"],),
        description=row.get("description", ""),
        mtu=int(row["mtu"]) if row.get("mtu", "").isdigit() else None,
        mac=mac(row.get("mac", "")),
        speed_bps=int(bandwidth[0]) * _KILO if bandwidth else None,
        is_enabled=None if not link else "administratively" not in link and "disabled" not in link,
        is_up=None if not protocol else protocol.startswith(("up", "connected")),
    )


def mac(text: str) -> str:
    """Return `0019.56ff.1234` and its like as `00:19:56:ff:12:34`."""
    digits = _NOT_HEX.sub("", text)
    return identifiers.mac(bytes.fromhex(digits)) if len(digits) == 12 else ""


def _addresses(rows: Iterable[Mapping[str, str]]) -> Iterator[InterfaceAddress]:
    for index, row in enumerate(rows, 1):
        given, length = row.get("address", ""), row.get("length", "")
        try:
            found = ip_interface(f"{given}/{length}" if length and "/" not in given else given)
        except ValueError:
            continue
        has_length = bool(length) or "/" in given
        yield InterfaceAddress(
            str(found.ip), found.network.prefixlen if has_length else None, index
        )


def _neighbour(protocol: str, row: Mapping[str, str], ports: Sequence[Port]) -> Neighbour:
    local = named(ports, row.get("port", ""))
    port = local[0] if len(local) == 1 else None
    address = identifiers.address(row.get("address", ""))
    return Neighbour(
        port_index=port.index if port else None,
        port=port.name if port else row.get("port", ""),
        protocol=protocol,
        chassis=mac(row.get("chassis", "")) or row.get("chassis", ""),
        port_id=row.get("port_id", "") or row.get("port_description", ""),
        port_description=row.get("port_description", ""),
        name=row.get("name", ""),
        description=row.get("description", ""),
        addresses=(address,) if address else (),
    )
