"""Ports, addresses and VLANs that devices tell of and the inventory lacks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from inventory.choices import ElementKind
from inventory.discovery import wiring
from inventory.discovery.identifiers import same_port
from inventory.inbox.choices import DeviationKind
from inventory.inbox.recording import Proposal
from inventory.models import Address, Interface, Site, Vlan

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from hatang.db import AnySession
    from inventory.discovery.facts import Facts, Port
    from inventory.discovery.known import Match
    from inventory.rows import DeviceRow, InterfaceRow

PORTS: Final = 512
"""Ports of a new device that are taken along; a chassis of more is imported by a file."""
_OTHER: Final = 1  # IANAifType other(1): Null0 and its like
_NAME: Final = 64
# VLANs that switches have by themselves (IEEE 802.1Q's default, Cisco's reserved ones).
_GIVEN: Final = frozenset({1, 1002, 1003, 1004, 1005})
_VLANS: Final = range(1, 4095)


@dataclass(frozen=True, slots=True)
class Held:
    """What the inventory has: port names by device id, addresses, VLANs by site (None: all).

    `at` has the addresses of each device, by id, without their length: as written, and the port.
    """

    ports: Mapping[int, frozenset[str]]
    addresses: frozenset[str]
    vlans: frozenset[tuple[str | None, int]]
    at: Mapping[int, Mapping[str, tuple[str, str]]]


def load(session: AnySession, interfaces: Sequence[InterfaceRow]) -> Held:
    """Return what the inventory has; two statements."""
    ports: dict[int, set[str]] = {}
    for row in interfaces:
        ports.setdefault(row.device_id, set()).add(row.name)
    addresses = session.execute(
        select(Address.address, Interface.device_id, Interface.name)
        .select_from(Address)
        .outerjoin(Interface, Interface.id == Address.interface_id)
    ).all()
    at: dict[int, dict[str, tuple[str, str]]] = {}
    for address, device_id, port in addresses:
        if device_id is not None:
            at.setdefault(device_id, {})[address.partition("/")[0]] = (address, port)
    vlans = session.execute(
        select(Site.slug, Vlan.vid).select_from(Vlan).outerjoin(Site, Site.id == Vlan.site_id)
    )
    return Held(
        {device_id: frozenset(names) for device_id, names in ports.items()},
        frozenset(address.partition("/")[0] for address, _, _ in addresses),
        frozenset((slug, vid) for slug, vid in vlans),
        at,
    )


def proposals(matches: Sequence[Match], held: Held, cabled: Collection[str]) -> Iterator[Proposal]:
    """Yield what known devices tell and the inventory lacks.

    `cabled` are ends, as `device:port`, of cables that are proposed and bring their ports along.
    What two devices say is theirs is nobody's here.
    """
    bearers = Counter(one.address for match in matches for one in match.facts.addresses)
    vlans: dict[tuple[str, int], Proposal] = {}
    for match in matches:
        device, facts = match.device, match.facts
        if device is None:
            continue
        called = names(facts, held.ports.get(device.id, frozenset()))
        for port in usable(facts):
            end = f"{device.name}:{port.name}"
            if port.index not in called and end not in cabled:
                yield of_device(DeviationKind.NEW_PORT, device, port.name, observed=told(port))
        for address, index in addressed(facts):
            bare = address.partition("/")[0]
            name = called.get(index) or _name_of(facts, index)
            if name and bare not in held.addresses and bearers[bare] == 1:
                seen = {"address": address, "port": name}
                yield of_device(DeviationKind.NEW_ADDRESS, device, address, observed=seen)
        for vid, name in named_vlans(facts):
            key = (device.site, vid)
            if not {key, (None, vid)} & held.vlans and key not in vlans:
                vlans[key] = _vlan(device, vid, name)
    yield from vlans.values()


def told(port: Port) -> dict[str, Any]:
    """Return what a row of the inventory says of a port; what comes and goes is left out."""
    found = {
        "name": port.name,
        "description": port.description or None,
        "enabled": port.is_enabled,
        "mtu": port.mtu or None,
        "mac_address": port.mac or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def along(facts: Facts) -> dict[str, Any]:
    """Return what a new device takes along: its ports with their addresses, and its VLANs."""
    at: dict[int, list[str]] = {}
    for address, index in addressed(facts):
        at.setdefault(index, []).append(address)
    ports = [
        told(port) | ({"addresses": at[port.index]} if port.index in at else {})
        for port in usable(facts)
    ]
    return {
        "interfaces": ports[:PORTS] or None,
        "vlans": [[vid, name] for vid, name in named_vlans(facts)] or None,
    }


def usable(facts: Facts) -> list[Port]:
    """Return the ports that a row of the inventory can hold, each name once."""
    found: dict[str, Port] = {}
    for port in facts.ports:
        if port.type != _OTHER and 0 < len(port.name) <= _NAME:
            found.setdefault(port.name, port)
    return list(found.values())


def addressed(facts: Facts) -> list[tuple[str, int]]:
    """Return the addresses that others can reach, with their length, and the port of each."""
    return [
        (f"{one.address}/{one.length}", one.port_index)
        for one in facts.addresses
        if one.length is not None and not _is_own(one.address)
    ]


def named_vlans(facts: Facts) -> list[tuple[int, str]]:
    """Return the VLANs that somebody made, each with a name."""
    return [
        (vid, name[:_NAME] or f"VLAN {vid}")
        for vid, name in sorted(facts.vlans)
        if vid in _VLANS and vid not in _GIVEN
    ]


def names(facts: Facts, held: frozenset[str]) -> dict[int, str]:
    """Return what the inventory calls the ports it has, by their index."""
    found: dict[int, str] = {}
    for port in facts.ports:
        own = (port.name, *port.names)
        exact = [name for name in own if name in held]
        like = exact or [name for name in held if any(same_port(name, one) for one in own)]
        if like:
            found[port.index] = like[0]
    return found


def _name_of(facts: Facts, index: int) -> str:
    return next((port.name for port in usable(facts) if port.index == index), "")


def _is_own(address: str) -> bool:
    found = ip_address(address)
    return found.is_loopback or found.is_link_local or found.is_unspecified


def of_device(
    kind: DeviationKind,
    device: DeviceRow,
    part: str,
    *,
    intended: dict[str, Any] | None = None,
    observed: dict[str, Any] | None = None,
) -> Proposal:
    """Return the difference `kind` about the `part` of a device, a port's name or an address."""
    return Proposal(
        kind=kind,
        key=f"{device.device_key}:{part}",
        scope_id=device.scope_id,
        element_kind=ElementKind.DEVICE,
        element=f"{device.name}:{part}",
        element_id=device.id,
        source=wiring.SOURCE,
        intended=intended,
        observed=observed,
    )


def _vlan(device: DeviceRow, vid: int, name: str) -> Proposal:
    return Proposal(
        kind=DeviationKind.NEW_VLAN,
        key=f"{device.site}/{vid}",
        scope_id=device.scope_id,
        element_kind=ElementKind.SITE,
        element=f"{device.site}/{vid}",
        element_id=device.site_id,
        source=wiring.SOURCE,
        observed={"vid": vid, "name": name},
    )
