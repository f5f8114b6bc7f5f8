"""Health gates: what was measured before a wave and after it, and whether it got worse.

Measured are the wave's devices with their routes to the data centre, what hangs on them, their
interfaces and routing neighbours, and the services and rooms that stand on them, as far as somebody
measures them. Only `pass` is good:
what passed before and fails after is a regression; what passed before and is unknown after stops
the rollout too, but takes nothing back, since nobody knows that the change did it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert, select, update

from hatang import clock, gates
from hatang.gates import Finding, Verdict
from hatang.log import get_logger
from inventory.choices import ElementKind
from inventory.models import Device
from inventory.network import Element
from inventory.service.graphing import load_topology
from playbooks.changes.routes import KIND as ROUTE
from playbooks.choices import Moment
from playbooks.models import Change, ChangeCheck, ChangeTarget

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement

    from hatang.db import AnySession, Database, WriteSession

LOG: Final = get_logger(__name__)
GOOD: Final = frozenset({Verdict.PASS, Verdict.WAIVED})
HANGING: Final = 200  # devices behind a wave that are measured too; beyond that its own only


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a wave did to what is measured; each element with what was found of it after."""

    worse: tuple[tuple[str, str], ...]
    lost: tuple[tuple[str, str], ...]
    good: int
    measured_before: int
    is_blind: bool = False  # something was found after it, and nothing is known of before


def measure(db: Database, change_id: int, wave: int) -> list[Finding]:
    """Have everything around the wave measured freshly; no transaction is open meanwhile."""
    with db.read() as session:
        elements = elements_of(session, change_id, wave)
        known = [(gate, gate.covers(session, elements)) for gate in gates.all_of(gates.HEALTH)]
    found: list[Finding] = []
    for gate, parts in known:
        if parts:
            found.extend(gate.check(parts))
    return found


def elements_of(session: AnySession, change_id: int, wave: int) -> list[str]:
    """Return the devices of a wave, their routes home, and what stands on them.

    A device that lies on no drawn way to the data centre is asked for its route all the same.
    """
    keys = session.scalars(
        select(Device.device_key)
        .join(ChangeTarget, ChangeTarget.device_id == Device.id)
        .where(ChangeTarget.change_id == change_id, ChangeTarget.wave == wave)
        .order_by(Device.device_key)
    ).all()
    topology = load_topology(session)
    known = {device.key for device in topology.network.devices}
    placed = [key for key in keys if key in known]
    impact = topology.affected_together(placed)
    beside = {near for key in placed for near in topology.uplinks(key)}
    hanging = impact.devices if len(impact.devices) <= HANGING else frozenset[str]()
    devices = sorted({*keys, *beside, *hanging})
    services = sorted(impact.services | impact.degraded)
    elements = [
        *(Element(ElementKind.DEVICE, key) for key in devices),
        *(Element(ElementKind.SERVICE, key) for key in services),
        *(Element(ElementKind.ROOM, key) for key in sorted(impact.rooms)),
    ]
    return [*(f"{one.kind}:{one.key}" for one in elements), *(f"{ROUTE}{key}" for key in keys)]


def keep(
    session: WriteSession, change: Change, wave: int, moment: Moment, found: Iterable[Finding]
) -> None:
    """Write down what was found, in place of what an interrupted job had written."""
    old = select(ChangeCheck).where(*_of(change, wave), ChangeCheck.moment == moment)
    for row in session.scalars(old).all():
        session.delete(row)
    at = clock.now()
    rows = [
        {
            "change_id": change.id,
            "wave": wave,
            "round": change.round,
            "moment": moment,
            "element": one.element[:255],
            "verdict": one.verdict,
            "reason": one.reason,
            "source": one.source,
            "at": at,
        }
        for one in found
    ]
    if rows:
        session.execute(insert(ChangeCheck), rows)


def carry(session: WriteSession, change: Change) -> None:
    """Begin another round, which is judged by what was measured before this one's wave."""
    known = (*_of(change, change.wave), ChangeCheck.moment == Moment.BEFORE)
    session.execute(update(ChangeCheck).where(*known).values(round=change.round + 1))
    change.round += 1
    session.flush()


def compare(session: AnySession, change: Change, wave: int) -> Comparison:
    """Return what got worse between the two snapshots of a wave."""
    rows = session.scalars(select(ChangeCheck).where(*_of(change, wave))).all()
    before = {_name(row): row for row in rows if row.moment == Moment.BEFORE}
    after = {_name(row): row for row in rows if row.moment == Moment.AFTER}
    return judge(before, after)


def judge(
    before: dict[tuple[str, str], ChangeCheck], after: dict[tuple[str, str], ChangeCheck]
) -> Comparison:
    """Compare by element and source; an element that is told of no more is unknown."""
    worse, lost, good = [], [], 0
    for name, row in sorted(before.items()):
        if row.verdict not in GOOD:
            continue
        now = after.get(name)
        if now is not None and now.verdict in GOOD:
            good += 1
        elif now is not None and now.verdict == Verdict.FAIL:
            worse.append((row.element, now.reason))
        else:
            lost.append((row.element, "is told of no more" if now is None else now.reason))
    measured = sum(row.verdict in {*GOOD, Verdict.FAIL} for row in before.values())
    is_blind = bool(after) and not before
    return Comparison(tuple(worse), tuple(lost), good, measured, is_blind)


def told(found: Sequence[tuple[str, str]]) -> str:
    """Return some of the elements, and how many more there are, in a line."""
    shown = ", ".join(f"{element}: {reason}" for element, reason in found[:5])
    return shown if len(found) <= 5 else f"{shown} and {len(found) - 5} more"


def _of(change: Change, wave: int) -> tuple[ColumnElement[bool], ...]:
    return (
        ChangeCheck.change_id == change.id,
        ChangeCheck.wave == wave,
        ChangeCheck.round == change.round,
    )


def _name(row: ChangeCheck) -> tuple[str, str]:
    return row.element, row.source
