"""Reading and writing what the monitors keep; only the monitors' own code comes here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, insert, select

from hatang import clock, events
from monitors import silences
from monitors.choices import Cause, ElementKind, State
from monitors.elements import Element
from monitors.models import ElementRow, HeartbeatRow, TransitionRow
from monitors.state import EPOCH, ElementState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from hatang.db import AnySession, WriteSession
    from monitors.feed import Numbered

TOPIC: Final = "monitors.transition"
_CHUNK: Final = 500


def payload(numbered: Numbered) -> dict[str, Any]:
    """Return a transition as others read it: in events, on the stream."""
    transition = numbered.transition
    return {
        "sequence": numbered.sequence,
        "element": transition.element.key,
        "from": str(transition.from_state),
        "to": str(transition.to_state),
        "cause": str(transition.cause),
        "at": transition.at.isoformat(),
        "evidence": dict(transition.evidence),
        "scope_id": numbered.scope_id,
    }


def write(
    session: WriteSession,
    monitor: str,
    epoch: str,
    transitions: Sequence[Numbered],
    gone: Collection[Element] = (),
) -> None:
    """Write transitions, current states, events and the sign of life of `monitor`.

    Everything is in the caller's transaction, so nobody is told what is not kept. What an earlier
    flush wrote although its answer was lost is passed over.
    """
    known = _known(session, monitor, epoch, [n.sequence for n in transitions])
    transitions = [n for n in transitions if n.sequence not in known]
    if transitions:
        session.execute(insert(TransitionRow), [_row(monitor, epoch, n) for n in transitions])
    for numbered in transitions:
        body = {"monitor": monitor, "epoch": epoch, **payload(numbered)}
        events.publish(session, TOPIC, numbered.transition.element.key, body)
    latest = {n.transition.element: n for n in transitions}
    _delete(session, [element.key for element in (*latest, *gone)])
    kept = [n for element, n in latest.items() if element not in gone]
    if kept:
        session.execute(insert(ElementRow), [_current(monitor, n) for n in kept])
    beat(session, monitor, epoch)


def _known(
    session: WriteSession, monitor: str, epoch: str, sequences: Sequence[int]
) -> frozenset[int]:
    if not sequences:
        return frozenset()
    statement = select(TransitionRow.sequence).where(
        TransitionRow.monitor == monitor,
        TransitionRow.epoch == epoch,
        TransitionRow.sequence.between(min(sequences), max(sequences)),
    )
    return frozenset(session.scalars(statement))


def beat(session: WriteSession, monitor: str, epoch: str) -> None:
    """Write that `monitor` is alive now, and how long it was not heard before that."""
    row, now = session.get(HeartbeatRow, monitor), clock.now()
    if row is None:
        session.add(HeartbeatRow(monitor=monitor, epoch=epoch, at=now))
    else:
        silences.end(session, row, now)
        row.epoch, row.at = epoch, now
    session.flush()


def announce(session: WriteSession, monitor: str, epoch: str, where: tuple[str, int]) -> None:
    """Write where `monitor` is scraped (host:port) and how many devices it watches."""
    beat(session, monitor, epoch)
    row = session.get_one(HeartbeatRow, monitor)
    row.address, row.devices = where
    session.flush()


def announced(session: AnySession) -> list[HeartbeatRow]:
    """Return the monitors that share the work now: what an earlier division left is not theirs."""
    said = select(HeartbeatRow).where(HeartbeatRow.address != "").order_by(HeartbeatRow.monitor)
    rows = list(session.scalars(said))
    if not rows:
        return []
    division = _division(max(rows, key=lambda row: row.at).monitor)
    return [row for row in rows if _division(row.monitor) == division]


def _division(monitor: str) -> str:
    return monitor.rpartition("-of-")[2]


def restore(session: AnySession, monitor: str) -> dict[Element, ElementState]:
    """Return the states `monitor` left behind, measured no later than its last sign of life."""
    heartbeat = session.get(HeartbeatRow, monitor)
    at = EPOCH if heartbeat is None else heartbeat.at
    rows = session.scalars(select(ElementRow).where(ElementRow.monitor == monitor))
    return {
        Element(ElementKind(row.kind), row.owner, row.name): ElementState(
            state=State(row.state),
            cause=Cause(row.cause),
            since=row.since,
            measured_at=at,
            seen=State(row.state),
            seen_since=row.since,
        )
        for row in rows
    }


def _row(monitor: str, epoch: str, numbered: Numbered) -> dict[str, Any]:
    transition = numbered.transition
    return {
        "monitor": monitor,
        "epoch": epoch,
        "sequence": numbered.sequence,
        "element": transition.element.key,
        "scope_id": numbered.scope_id,
        "from_state": transition.from_state,
        "to_state": transition.to_state,
        "cause": transition.cause,
        "at": transition.at,
        "evidence": dict(transition.evidence),
    }


def _current(monitor: str, numbered: Numbered) -> dict[str, Any]:
    transition = numbered.transition
    element = transition.element
    return {
        "element": element.key,
        "kind": element.kind,
        "owner": element.owner,
        "name": element.name,
        "monitor": monitor,
        "scope_id": numbered.scope_id,
        "state": transition.to_state,
        "cause": transition.cause,
        "since": transition.at,
    }


def _delete(session: WriteSession, keys: Sequence[str]) -> None:
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        session.execute(delete(ElementRow).where(ElementRow.element.in_(chunk)))
