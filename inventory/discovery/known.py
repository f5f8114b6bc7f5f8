"""Which device of the inventory each found one is, by what was observed of it before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from hatang import clock
from hatang.errors import ConflictError
from hatang.scope.models import Scope
from inventory import service
from inventory.discovery.identity import Known, Marks, agree, marks
from inventory.discovery.models import KnownDevice
from inventory.rows import EVERYTHING, DeviceRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession
    from inventory.discovery.facts import Facts


TOLD: Final = 4096
"""Ports, and addresses, that are remembered of a device; what it tells now comes first."""


@dataclass(frozen=True, slots=True)
class Match:
    """A found device, its row of the inventory if it is there, and its memory if it was met."""

    facts: Facts
    device: DeviceRow | None
    known_id: int | None


@dataclass(slots=True)
class Told:
    """The ports, by its own names, and the addresses that a device told of in earlier runs."""

    ports: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Memory:
    """The inventory's devices and everything discovery met before; `told` is by device id."""

    devices: dict[int, DeviceRow] = field(default_factory=dict)
    told: dict[int, Told] = field(default_factory=dict)
    met: dict[int, tuple[Marks, int | None]] = field(default_factory=dict)
    marked: Known = field(default_factory=Known)

    @property
    def met_devices(self) -> set[int]:
        """Devices of the inventory that discovery has met."""
        return {device_id for _, device_id in self.met.values() if device_id is not None}


def recall(session: AnySession, actor: Actor, source: str = "") -> Memory:
    """Return what is remembered of the devices the actor may see.

    `told` is what agents told of, or what `source` did where it is named.
    """
    rows = service.list_devices(session, actor, EVERYTHING).items
    devices = {row.id: row for row in rows}
    memory = Memory(devices)
    for known in session.scalars(select(KnownDevice)):
        device_id = known.device_id if known.device_id in devices else None
        by = known.marks.get("by", "")
        if not by:  # what only a command line told is no mark of the device
            held = _marks(known.marks)
            memory.met[known.id] = (held, device_id)
            memory.marked.add(known.id, held)
        if device_id is not None and by == source:
            told = memory.told.setdefault(device_id, Told())
            told.ports.update(known.marks.get("ports", ()))
            told.addresses.update(known.marks.get("addresses", ()))
    return memory


def root_scope(session: AnySession) -> int:
    """Return the scope of what no unit owns yet; ConflictError where there is no unit at all."""
    found = session.scalar(select(Scope.id).where(Scope.parent_id.is_(None)).order_by(Scope.id))
    if found is None:
        fix = "Import at least the province's own unit first."
        raise ConflictError("the inventory has no unit yet", fix=fix)
    return found


def match(found: Sequence[Facts], memory: Memory) -> list[Match]:
    """Return who each found device is; sure marks first, so that no name takes another's place."""
    left, result = dict(memory.devices), dict[int, Match]()
    for test in (_by_memory, _by_serial, _by_name_and_address, _by_address, _by_name):
        for place, facts in enumerate(found):
            if place in result:
                continue
            device_id = test(facts, memory, left)
            if device_id is not None:
                result[place] = Match(facts, left.pop(device_id), _met(facts, memory))
    return [
        result.get(place) or Match(facts, None, _met(facts, memory))
        for place, facts in enumerate(found)
    ]


def remember(session: WriteSession, matches: Sequence[Match], scope_id: int) -> None:
    """Keep the marks of what was met."""
    held = {row.id: row for row in session.scalars(select(KnownDevice))}
    now = clock.now()
    for one in matches:
        row = held.get(one.known_id or 0)
        if row is None:
            row = KnownDevice(scope_id=scope_id, first_seen_at=now)
            session.add(row)
        facts = one.facts
        row.marks = {**_json(marks(facts)), **_told(facts, row.marks or {})}
        row.name, row.address = facts.name, facts.address
        row.platform, row.last_seen_at = facts.platform, now
        if one.device is not None:
            row.device_id, row.scope_id = one.device.id, one.device.scope_id
    session.flush()


def remember_told(session: WriteSession, facts: Facts, device: DeviceRow, source: str) -> None:
    """Keep what `source` told of a device of the inventory, beside what an agent told."""
    rows = session.scalars(select(KnownDevice).where(KnownDevice.device_id == device.id))
    row = next((one for one in rows if one.marks.get("by") == source), None)
    now = clock.now()
    if row is None:
        row = KnownDevice(device_id=device.id, marks={"by": source}, first_seen_at=now)
        session.add(row)
    row.marks = {**row.marks, **_told(facts, row.marks)}
    row.scope_id, row.name, row.address = device.scope_id, device.name, facts.address
    row.platform, row.last_seen_at = facts.platform, now
    session.flush()


def _met(facts: Facts, memory: Memory) -> int | None:
    return memory.marked.find(marks(facts))


def _by_memory(facts: Facts, memory: Memory, left: dict[int, DeviceRow]) -> int | None:
    known = _met(facts, memory)
    device_id = memory.met[known][1] if known is not None else None
    return device_id if device_id in left else None


def _by_serial(facts: Facts, _memory: Memory, left: dict[int, DeviceRow]) -> int | None:
    serial = marks(facts).serial
    return _only([row.id for row in left.values() if serial and row.serial == serial])


def _by_name_and_address(facts: Facts, _memory: Memory, left: dict[int, DeviceRow]) -> int | None:
    # Both agree: even a box with other marks stands in for the one that was exchanged.
    return _only(
        [
            row.id
            for row in left.values()
            if row.primary_ip4 in facts.own_addresses and same_name(row.name, facts.name)
        ]
    )


def _by_address(facts: Facts, memory: Memory, left: dict[int, DeviceRow]) -> int | None:
    found = [row.id for row in left.values() if row.primary_ip4 in facts.own_addresses]
    return _only([one for one in found if not _contradicted(one, facts, memory)])


def _by_name(facts: Facts, memory: Memory, left: dict[int, DeviceRow]) -> int | None:
    found = [row.id for row in left.values() if same_name(row.name, facts.name)]
    return _only([one for one in found if not _contradicted(one, facts, memory)])


def same_name(intended: str, observed: str) -> bool:
    """Return whether a device names itself as intended, with its domain or without."""
    one, other = intended.lower(), observed.lower()
    return bool(other) and (one == other or one == other.partition(".")[0])


def _contradicted(device_id: int, facts: Facts, memory: Memory) -> bool:
    held = [known for known, owner in memory.met.values() if owner == device_id]
    return any(not agree(marks(facts), known) for known in held)


def _only(found: list[int]) -> int | None:
    return found[0] if len(found) == 1 else None


def _json(found: Marks) -> dict[str, Any]:
    return {
        "serial": found.serial,
        "engine_id": found.engine_id,
        "chassis": found.chassis,
        "macs": sorted(found.macs),
    }


def _told(facts: Facts, before: dict[str, Any]) -> dict[str, list[str]]:
    """Return the ports and addresses that a device tells of, and then those it told of before."""
    here = {
        "ports": [port.name for port in facts.ports],
        "addresses": [one.address for one in facts.addresses],
    }
    return {
        name: list(dict.fromkeys([*now, *before.get(name, ())]))[:TOLD]
        for name, now in here.items()
    }


def _marks(held: dict[str, Any]) -> Marks:
    return Marks(held["serial"], held["engine_id"], held["chassis"], frozenset(held["macs"]))
