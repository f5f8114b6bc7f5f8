"""Facts of a device from NAPALM's getters, where its driver can prove the peer it talks to.

A getter that a driver or a device lacks is a gap, never a failure of the rest.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from hatang.errors import DriverError
from inventory.discovery import identifiers, shell
from inventory.discovery.facts import Facts, InterfaceAddress, Neighbour, Port
from inventory.discovery.neighbours import named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from inventory.platforms import Platform
    from inventory.platforms.schema import Answer

GETTERS: Final = (
    "get_facts",
    "get_interfaces",
    "get_interfaces_ip",
    "get_lldp_neighbors_detail",
)
_MEGA: Final = 1_000_000


def read(call: Callable[..., Any], platform: Platform, address: str) -> Facts:
    """Return what the getters of a driver tell; `call` calls one by its name.

    What no getter told, CDP among it, is asked by the commands of the platform's data, through the
    driver's `cli`.
    """
    answers, gaps = dict[str, Any](), list[str]()
    for name in GETTERS:
        try:
            answers[name] = call(name)
        except DriverError as error:
            gaps.append(f"{name}: {error.reason}")
    found = facts(platform, answers, address)
    return replace(_completed(found, _more(call, platform, answers, gaps)), gaps=tuple(gaps))


def _completed(found: Facts, more: Facts) -> Facts:
    """Return `found` with what `more` knows and it lacks; both number ports by themselves."""
    if not found.ports:
        found = replace(found, ports=more.ports, addresses=more.addresses)
    elif not found.addresses:
        found = replace(found, addresses=tuple(_renumbered(more, found.ports)))
    return replace(
        found,
        name=found.name or more.name,
        model=found.model or more.model,
        version=found.version or more.version,
        serial=found.serial or more.serial,
        neighbours=(*found.neighbours, *_heard(more.neighbours, found.ports)),
    )


def _renumbered(more: Facts, ports: Sequence[Port]) -> Iterator[InterfaceAddress]:
    indexes = {port.name: port.index for port in ports}
    for one in more.addresses:
        port = more.port(one.port_index)
        if port is not None and port.name in indexes:
            yield replace(one, port_index=indexes[port.name])


def _heard(neighbours: Iterable[Neighbour], ports: Sequence[Port]) -> Iterator[Neighbour]:
    for one in neighbours:
        local = named(ports, one.port)
        port = local[0] if len(local) == 1 else None
        yield replace(one, port_index=port.index, port=port.name) if port else one


def _more(
    call: Callable[..., Any], platform: Platform, answers: Mapping[str, Any], gaps: list[str]
) -> Facts:
    """Return what the platform's commands tell of that for which no getter had an answer."""
    outputs: dict[str, str] = {}
    for one in platform.tells:
        if one.command in outputs or not _is_wanted(one, answers):
            continue
        try:
            outputs[one.command] = str(call("cli", [one.command])[one.command])
        except DriverError as error:
            gaps.append(f"{one.command}: {error.reason}")
    wanted = tuple(one for one in platform.tells if _is_wanted(one, answers))
    narrowed = platform.model_copy(update={"tells": wanted})
    return shell.facts(narrowed, shell.understand(narrowed, outputs, gaps), "")


def _is_wanted(one: Answer, answers: Mapping[str, Any]) -> bool:
    lacking = {getter for getter in GETTERS if getter not in answers}
    if one.neighbours:
        return shell.protocol(one) == "cdp" or "get_lldp_neighbors_detail" in lacking
    if one.ports:
        return "get_interfaces" in lacking
    if one.addresses:
        return bool({"get_interfaces", "get_interfaces_ip"} & lacking)
    return "get_facts" in lacking


def facts(platform: Platform, answers: Mapping[str, Any], address: str) -> Facts:
    """Return the facts that stand in the getters' answers, by name."""
    device = answers.get("get_facts") or {}
    ports = tuple(_ports(answers.get("get_interfaces") or {}))
    return Facts(
        address=address,
        platform=platform.name,
        manufacturer=platform.manufacturer,
        name=_text(device.get("hostname")),
        model=_text(device.get("model")),
        version=_text(device.get("os_version")),
        serial=_text(device.get("serial_number")),
        ports=ports,
        addresses=tuple(_addresses(answers.get("get_interfaces_ip") or {}, ports)),
        neighbours=tuple(_neighbours(answers.get("get_lldp_neighbors_detail") or {}, ports)),
    )


# What NAPALM writes where a device does not say.
_UNKNOWN: Final = frozenset({"", "unknown", "n/a", "none"})


def _text(value: Any) -> str:  # noqa: ANN401 RUF100 - whatever a driver answers
    found = identifiers.text(value)
    return "" if found.lower() in _UNKNOWN else found


def _ports(rows: Mapping[str, Any]) -> Iterator[Port]:
    for index, (name, row) in enumerate(rows.items(), 1):
        speed, mtu = row.get("speed"), row.get("mtu")
        called = identifiers.text(name)
        yield Port(
            index=index,
            name=called,
            names=(called,),
            description=identifiers.text(row.get("description")),
            mtu=mtu if isinstance(mtu, int) and mtu > 0 else None,
            mac=shell.mac(str(row.get("mac_address") or "")),
            speed_bps=int(speed * _MEGA) if isinstance(speed, int | float) and speed > 0 else None,
            is_enabled=row.get("is_enabled"),
            is_up=row.get("is_up"),
        )


def _addresses(rows: Mapping[str, Any], ports: Sequence[Port]) -> Iterator[InterfaceAddress]:
    indexes = {port.name: port.index for port in ports}
    for name, families in rows.items():
        for family in families.values():
            for address, row in family.items():
                found = identifiers.address(str(address))
                if found and name in indexes:
                    yield InterfaceAddress(found, row.get("prefix_length"), indexes[name])


def _neighbours(rows: Mapping[str, Any], ports: Sequence[Port]) -> Iterator[Neighbour]:
    for name, heard in rows.items():
        local = named(ports, name)
        port = local[0] if len(local) == 1 else None
        for row in heard:
            chassis = str(row.get("remote_chassis_id") or "")
            yield Neighbour(
                port_index=port.index if port else None,
                port=port.name if port else identifiers.text(name),
                protocol="lldp",
                chassis=shell.mac(chassis) or _text(chassis),
                port_id=_text(row.get("remote_port")),
                port_description=_text(row.get("remote_port_description")),
                name=_text(row.get("remote_system_name")),
                description=_text(row.get("remote_system_description")),
            )
