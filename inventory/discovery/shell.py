"""Facts of a device from its command line, where no SNMP agent tells them.

Which command tells what is data of the platform; ntc-templates turns the text into columns, and
where a device prints JSON its paths are the columns. What cannot be parsed is a gap, never a
failure of the rest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from ipaddress import ip_interface
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from hatang.errors import DriverError
from inventory.discovery import identifiers, tables, templates
from inventory.discovery.facts import Facts, InterfaceAddress, Neighbour, Port
from inventory.discovery.neighbours import named
from inventory.platforms.schema import linear

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hatang.drivers.protocols import CliSession
    from inventory.discovery.tables import Row
    from inventory.platforms import Platform
    from inventory.platforms.schema import Answer

Rows: TypeAlias = Sequence[Mapping[str, Any]]
Line: TypeAlias = "Mapping[str, Any] | Row"
# No command of these fills more; what is longer is not a device's answer to it.
MAX_CHARACTERS: Final = 4_000_000
_NOT_HEX: Final = re.compile(r"[^0-9a-fA-F]")
_KILO: Final = 1000
# "1000mbps", "10Gbps", "1000 Mb/s"
_SPEED: Final = re.compile(r"(\d+)\s*([kmgt]?)b", re.IGNORECASE)
_UNITS: Final = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_HOST: Final = "host"
_GOOD: Final = ("up", "connected", "enable", "true")


def ask(session: CliSession, platform: Platform) -> tuple[dict[str, str], list[str]]:
    """Return what the platform's commands print, and the commands that failed with why."""
    outputs, gaps = {}, []
    for command in dict.fromkeys(one.command for one in platform.tells):
        try:
            outputs[command] = session.show(command)
        except DriverError as error:
            gaps.append(f"{command}: {error.reason}")
    return outputs, gaps


def understand(
    platform: Platform, outputs: Mapping[str, str], gaps: list[str]
) -> dict[str, Sequence[Line]]:
    """Return the rows of each answer by its key; what cannot be read of one goes into `gaps`."""
    found: dict[str, Sequence[Line]] = {}
    for one in platform.tells:
        output = outputs.get(one.command)
        if output is None:
            continue
        try:
            found[one.key] = _lines(platform, one, output[:MAX_CHARACTERS])
        except ValueError as error:
            gaps.append(str(error))
    return found


def _lines(platform: Platform, one: Answer, output: str) -> Sequence[Line]:
    if one.rows:
        try:
            document = json.loads(output)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{one.command}: is no JSON") from error
        return tables.rows(document, one.rows)
    if one.says:
        return [_said(one, piece) for piece in _pieces(one, output)]
    return parse(platform, one.command, output)


def _pieces(one: Answer, output: str) -> list[str]:
    if one.each is None:
        return [output]
    begins = [match.start() for match in linear(one.each).finditer(output)]
    return [output[start:end] for start, end in zip(begins, [*begins[1:], None], strict=True)]


def _said(one: Answer, piece: str) -> dict[str, str]:
    found = {name: linear(pattern).search(piece) for name, pattern in one.says.items()}
    return {name: match[1] for name, match in found.items() if match}


def parse(platform: Platform, command: str, output: str) -> Rows:
    """Return the output's rows by column; raises ValueError when it cannot be parsed.

    A line that the template does not know costs itself, not the whole output.
    """
    name = platform.drivers.netmiko or platform.name
    try:
        return templates.parse(name, command, output[:MAX_CHARACTERS])
    except templates.NotKnownError as error:
        raise ValueError(f"{command}: {error}") from error


def facts(platform: Platform, parsed: Mapping[str, Sequence[Line]], address: str) -> Facts:
    """Return the facts that stand in the rows `parsed` from each answer."""
    device: dict[str, str] = {}
    ports: dict[str, dict[str, str]] = {}
    addressed: list[dict[str, str]] = []
    for one in platform.tells:
        rows = parsed.get(one.key, ())
        told = one.device or ({} if one.each else {name: name for name in one.says})
        if told and rows:
            device |= {
                name: value for name, value in _columns(rows[0], told).items()
                if value and not device.get(name)
            }  # fmt: skip
        if one.ports:
            for row in (_columns(row, one.ports) for row in rows):
                if row["name"]:
                    held = ports.setdefault(row["name"], {})
                    held |= {name: value for name, value in row.items() if not held.get(name)}
        if one.addresses:
            addressed += [_columns(row, one.addresses) for row in rows]
    made = tuple(_port(index, row) for index, row in enumerate(ports.values(), 1))
    addressed += [{"port": name, **row} for name, row in ports.items() if "address" in row]
    return Facts(
        address=address,
        name=device.get("name", ""),
        platform=platform.name,
        manufacturer=platform.manufacturer,
        model=device.get("model", ""),
        version=device.get("version", ""),
        serial=device.get("serial", ""),
        ports=made,
        addresses=tuple(dict.fromkeys(_addresses(addressed, made))),
        neighbours=heard(platform, parsed, made),
    )


def heard(
    platform: Platform, parsed: Mapping[str, Sequence[Line]], ports: Sequence[Port]
) -> tuple[Neighbour, ...]:
    """Return the neighbours that stand in the rows `parsed` from each answer."""
    found = []
    for one in platform.tells:
        if one.neighbours:
            rows = (_columns(row, one.neighbours) for row in parsed.get(one.key, ()))
            found += [_neighbour(protocol(one), row, ports) for row in rows if row["port"]]
    return tuple(found)


def protocol(one: Answer) -> str:
    """Return by which protocol an answer's neighbours were heard."""
    return "cdp" if "cdp" in one.command else "lldp"


def read(session: CliSession, platform: Platform, address: str) -> Facts:
    """Ask a device's command line and return what it told, with the gaps."""
    outputs, gaps = ask(session, platform)
    parsed = understand(platform, outputs, gaps)
    return replace(facts(platform, parsed, address), gaps=tuple(gaps))


def _columns(row: Line, wanted: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name, column in wanted.items():
        if column.startswith("="):
            found[name] = column[1:]
        elif isinstance(row, Mapping):
            texts = (_first(row.get(one)) for one in column.split("|"))
            found[name] = next((text for text in texts if text), "")
        else:
            found[name] = identifiers.text(row.get(column))
    return found


def _first(value: Any) -> str:  # noqa: ANN401 RUF100 - a column of text, or a list of it
    return identifiers.text((value[0] if value else "") if isinstance(value, list) else value)


def _port(index: int, row: Mapping[str, str]) -> Port:
    return Port(
        index=index,
        name=row["name"],
        names=(row["name"],),
        description=row.get("description", ""),
        mtu=int(row["mtu"]) if row.get("mtu", "").isdigit() else None,
        mac=mac(row.get("mac", "")),
        speed_bps=_speed(row),
        is_enabled=_is_enabled(row),
        is_up=_is_up(row),
    )


def _speed(row: Mapping[str, str]) -> int | None:
    """Return bits a second: of `bandwidth` in kbit, `bits`, or `speed` with its unit."""
    for name, scale in (("bandwidth", _KILO), ("bits", 1)):
        told = re.match(r"\d+", row.get(name, ""))
        if told:
            return int(told[0]) * scale or None
    told = _SPEED.match(row.get("speed", ""))
    return int(told[1]) * _UNITS[told[2].lower()] or None if told else None


def _is_enabled(row: Mapping[str, str]) -> bool | None:
    """Return whether somebody switched the port on; `flags` are RouterOS' (X: disabled)."""
    if "flags" in row:
        return "X" not in row["flags"]
    told = row.get("admin", "").lower()
    if told:
        return told.startswith(_GOOD)
    link = row.get("link", "").lower()
    return not (link.startswith("*") or "admin" in link or "disabled" in link) if link else None


def _is_up(row: Mapping[str, str]) -> bool | None:
    """Return whether the port carries frames; `flags` are RouterOS' (R: running)."""
    if "flags" in row:
        return "R" in row["flags"]
    told = (row.get("protocol", "") or row.get("oper", "")).lower()
    return told.startswith(_GOOD) if told else None


def mac(text: str) -> str:
    """Return `0019.56ff.1234` and its like as `00:19:56:ff:12:34`."""
    digits = _NOT_HEX.sub("", text)
    return identifiers.mac(bytes.fromhex(digits)) if len(digits) == 12 else ""


def _addresses(
    rows: Iterable[Mapping[str, str]], ports: Sequence[Port]
) -> Iterator[InterfaceAddress]:
    indexes = {port.name: port.index for port in ports}
    for row in rows:
        given, length = row.get("address", ""), row.get("length", "")
        is_host = length == _HOST and "/" not in given
        length = "" if length == _HOST else length
        try:
            found = ip_interface(f"{given}/{length}" if length and "/" not in given else given)
        except ValueError:
            continue
        index = indexes.get(row.get("port", ""))
        if index is None or found.ip.is_unspecified:
            continue
        has_length = bool(length) or "/" in given or is_host
        told = found.network.prefixlen if has_length else None
        yield InterfaceAddress(str(found.ip), told, index)


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
