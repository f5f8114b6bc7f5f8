"""Ports, addresses and VLANs of one device by its command line: new ones, and those it lost.

A command line counts ports otherwise than an SNMP agent does. So each settles what it proposed
itself, and only what a command line told of before can be gone from it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from inventory.discovery import details, gone
from inventory.inbox import recording
from inventory.inbox.choices import WAITING, DeviationKind
from inventory.inbox.models import Deviation

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from hatang.db import AnySession, WriteSession
    from inventory.discovery.details import Held
    from inventory.discovery.known import Match, Told
    from inventory.inbox.recording import Proposal
    from inventory.rows import DeviceRow, InterfaceRow


def proposals(
    session: AnySession,
    read: Match,
    interfaces: Sequence[InterfaceRow],
    cabled: Collection[str],
    *,
    told: Mapping[int, Told],
    source: str,
) -> list[Proposal]:
    """Return what the inventory lacks of the device that was `read`, and what it has too much.

    `cabled` are ends of cables that are proposed, `told` what `source` told of in readings before.
    """
    if read.device is None:
        return []
    held = _with_waiting(session, details.load(session, interfaces), read.device, source)
    found = [*details.proposals([read], held, cabled), *gone.proposals([read], held, told)]
    return [replace(one, source=source) for one in found]


def _with_waiting(session: AnySession, held: Held, device: DeviceRow, source: str) -> Held:
    """Add the ports that wait already as another told of them, perhaps under a longer name."""
    waiting = session.scalars(
        select(Deviation).where(
            Deviation.kind == DeviationKind.NEW_PORT,
            Deviation.element_id == device.id,
            Deviation.source != source,
            Deviation.state.in_([one.value for one in WAITING]),
        )
    )
    names = frozenset(row.element.partition(":")[2] for row in waiting)
    ports = {**held.ports, device.id: held.ports.get(device.id, frozenset()) | names}
    return replace(held, ports=ports)


def note(session: WriteSession, read: Match, found: Sequence[Proposal], source: str) -> None:
    """Write `found` down, and close what `source` proposed before and this reading disproves."""
    recording.note(session, found)
    settled = gone.settled([read])
    kept = {(one.kind.value, one.key[:255]) for one in found}
    recording.resolve(
        session,
        lambda row: (
            row.source == source
            and row.element_id in settled.get(row.kind, ())
            and (row.kind, row.key) not in kept
        ),
    )
