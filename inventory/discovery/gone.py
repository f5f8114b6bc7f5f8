"""Ports and addresses that a device told of before and tells of no longer.

What was only ever intended is not gone: nobody saw it. A table that did not come whole, and one
that came empty, say nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from inventory import platforms
from inventory.discovery import details
from inventory.discovery.identifiers import same_port
from inventory.inbox.choices import DeviationKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from inventory.discovery.details import Held
    from inventory.discovery.facts import Facts
    from inventory.discovery.known import Match, Told
    from inventory.inbox.recording import Proposal


def proposals(matches: Sequence[Match], held: Held, told: Mapping[int, Told]) -> Iterator[Proposal]:
    """Yield the ports and addresses of the inventory that known devices lost.

    `told` is what each device, by id, told of in runs before.
    """
    for match in matches:
        if match.device is None or match.device.id not in told:
            continue
        device, facts, before = match.device, match.facts, told[match.device.id]
        if tells_ports(facts):
            for name in _ports(facts, held.ports.get(device.id, frozenset()), before.ports):
                yield details.of_device(
                    DeviationKind.GONE_PORT, device, name, intended={"port": name}
                )
        if tells_addresses(facts):
            for bare, (address, port) in held.at.get(device.id, {}).items():
                if bare in before.addresses and bare not in facts.own_addresses:
                    intended = {"address": address, "port": port}
                    yield details.of_device(
                        DeviationKind.GONE_ADDRESS, device, address, intended=intended
                    )


def tells_ports(facts: Facts) -> bool:
    """Return whether a port that is not among the device's ports is not there."""
    return bool(facts.ports) and not _is_cut(facts, "interfaces")


def tells_addresses(facts: Facts) -> bool:
    """Return whether an address that is not among the device's addresses is not there."""
    return bool(facts.addresses) and not _is_cut(facts, "addresses")


def settled(matches: Sequence[Match]) -> dict[str, set[int]]:
    """Return, by kind of difference, the devices whose every such difference was seen now."""
    known = [(one.device.id, one.facts) for one in matches if one.device is not None]
    ports = {device_id for device_id, facts in known if tells_ports(facts)}
    addresses = {device_id for device_id, facts in known if tells_addresses(facts)}
    return {
        DeviationKind.NEW_PORT: ports,
        DeviationKind.GONE_PORT: ports,
        DeviationKind.NEW_ADDRESS: addresses,
        DeviationKind.GONE_ADDRESS: addresses,
    }


def _is_cut(facts: Facts, table: str) -> bool:
    return any(gap.startswith((table, *_carriers(facts.platform, table))) for gap in facts.gaps)


# NAPALM's getters of each table.
_GETTERS: Final = {"interfaces": ("get_interfaces:",), "addresses": ("get_interfaces",)}


def _carriers(name: str | None, table: str) -> Iterator[str]:
    """Yield how a gap of a command line begins that costs rows of the table."""
    yield from _GETTERS[table]
    for one in platforms.get(name).tells if name else ():
        if one.ports and (table == "interfaces" or "address" in one.ports):
            yield f"{one.command}:"
        if one.addresses and table == "addresses":
            yield f"{one.command}:"


def _ports(facts: Facts, held: frozenset[str], before: Collection[str]) -> Iterator[str]:
    here = set(details.names(facts, held).values())
    for name in sorted(held - here):
        # A row that is spelt otherwise may be one of a port that is here under its other name.
        if any(same_port(name, one) for port in facts.ports for one in (port.name, *port.names)):
            continue
        if name in before or any(same_port(name, one) for one in before):
            yield name
