"""Stand-ins for devices that nobody read now: what is remembered of whom a device told of.

With them one device's neighbours become cables, though only that one was asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from inventory import service
from inventory.discovery import wiring
from inventory.discovery.facts import Facts, Port
from inventory.discovery.known import Match, Memory, same_name
from inventory.models import Interface
from inventory.rows import EVERYTHING, Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.discovery.facts import Neighbour
    from inventory.discovery.identity import Marks
    from inventory.inbox.recording import Proposal
    from inventory.rows import DeviceRow

# Its silence says nothing: it was not asked.
_UNASKED: Final = ("lldp: not asked", "cdp: not asked")
_NOBODY: Final = frozenset[str]()


def stand_ins(
    session: AnySession, memory: Memory, told: Sequence[Neighbour], but: int
) -> list[Match]:
    """Return the devices of the inventory that `told` may be, except the one with the id `but`."""
    marks = {owner: held for held, owner in memory.met.values() if owner is not None}
    called = {
        row.id: one.name
        for row in memory.devices.values()
        for one in told
        if row.id != but and _may_be(row, marks.get(row.id), one)
    }
    rows = [memory.devices[device_id] for device_id in called]
    ports: dict[int, list[Port]] = {}
    statement = select(Interface.device_id, Interface.name, Interface.mac_address)
    wanted = statement.where(Interface.device_id.in_([row.id for row in rows]))
    for device_id, name, mac in session.execute(wanted.order_by(Interface.id)):
        held = ports.setdefault(device_id, [])
        held.append(Port(len(held) + 1, name, (name,), mac=(mac or "").lower()))
    return [
        Match(
            Facts(
                address=row.primary_ip4 or "",
                name=called[row.id],
                chassis=marks[row.id].chassis if row.id in marks else "",
                ports=tuple(ports.get(row.id, ())),
                gaps=_UNASKED,
            ),
            row,
            None,
        )
        for row in rows
    ]


def _may_be(row: DeviceRow, held: Marks | None, one: Neighbour) -> bool:
    macs = held.macs if held else _NOBODY
    return (
        row.primary_ip4 in one.addresses
        or same_name(row.name, one.name)
        or (held is not None and bool(one.chassis) and one.chassis == held.chassis)
        or one.chassis in macs
    )


def cables(
    session: AnySession, actor: Actor, read: Match, memory: Memory, scope_id: int
) -> list[Proposal]:
    """Return what differs between the cables that `read` told of and the links intended."""
    if read.device is None or not read.facts.neighbours:
        return []
    others = stand_ins(session, memory, read.facts.neighbours, read.device.id)
    matches = [read, *others]
    interfaces = [
        row
        for one in matches
        if one.device is not None
        for row in service.list_interfaces(session, actor, _of(one.device)).items
    ]
    links = service.list_links(session, actor, EVERYTHING).items
    return list(wiring.proposals(matches, wiring.seen(matches, interfaces), links, scope_id))


def _of(device: DeviceRow) -> Query:
    return Query({"device": device.name}, limit=None)
