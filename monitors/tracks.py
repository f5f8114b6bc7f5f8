"""How elements stood all through a time, as stretches of one state each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from hatang import clock
from monitors import past
from monitors.choices import Cause, State
from monitors.models import TransitionRow
from monitors.silences import silences

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import AnySession
    from monitors.past import PastState
    from monitors.silences import Silence


@dataclass(frozen=True, slots=True)
class Stretch:
    """A state and its cause from `starts_at` until just before `ends_at`.

    The cause is None where nothing is kept that would tell it.
    """

    starts_at: datetime
    ends_at: datetime
    state: State
    cause: Cause | None


def tracks(
    session: AnySession,
    actor: Actor,
    elements: Collection[str],
    span: tuple[datetime, datetime],
) -> dict[str, tuple[Stretch, ...]]:
    """Return how each of `elements` stood from `span[0]` to `span[1]`, or until now; no gap left.

    What was not measured, or is no longer kept, is a stretch of unknown. Elements that have no
    state, or are beyond the actor's reach, are left out.

    Raises:
        DeniedError: the actor may see no states.
    """
    since, until = span[0], min(span[1], clock.now())
    kept = past.kept_since(session)
    if kept is None or kept >= until or since >= until:
        return {}
    first = max(since, kept)
    started = past.elements_at(session, actor, first, elements)
    moves: dict[str, list[TransitionRow]] = defaultdict(list)
    within = TransitionRow.at > first, TransitionRow.at < until
    rows = select(TransitionRow).where(TransitionRow.element.in_(sorted(elements)), *within)
    for row in session.scalars(rows.order_by(TransitionRow.at, TransitionRow.id)):
        moves[row.element].append(row)
    unheard = silences(session, since, until)
    lost = [Stretch(since, first, State.UNKNOWN, None)] if since < first else []
    found = {}
    for start in started:
        key = start.element.key
        whole = _laid(start, moves[key], (first, until), unheard)
        found[key] = tuple(_joined([*lost, *whole]))
    return found


def _laid(
    start: PastState,
    moves: Iterable[TransitionRow],
    span: tuple[datetime, datetime],
    unheard: Mapping[str, Sequence[Silence]],
) -> Iterator[Stretch]:
    """Yield the states between the transitions, each cut where its monitor was not heard."""
    at, state, cause, monitor = span[0], start.last_state, start.cause, start.monitor
    if start.state is State.UNKNOWN and state is not State.UNKNOWN:
        cause = None  # what the silence said stands in the cause
    for move in moves:
        yield from _cut(Stretch(at, move.at, state, cause), unheard.get(monitor, ()))
        at, state = move.at, State(move.to_state)
        cause, monitor = Cause(move.cause), move.monitor
    yield from _cut(Stretch(at, span[1], state, cause), unheard.get(monitor, ()))


def _cut(whole: Stretch, unheard: Sequence[Silence]) -> Iterator[Stretch]:
    at = whole.starts_at
    for silence in unheard:
        begin, end = max(at, silence.starts_at), min(whole.ends_at, silence.ends_at)
        if begin >= end:
            continue
        yield replace(whole, starts_at=at, ends_at=begin)
        yield Stretch(begin, end, State.UNKNOWN, Cause.STALE)
        at = end
    yield replace(whole, starts_at=at)


def _joined(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Yield stretches that last, neighbours of one state and cause as one."""
    held: Stretch | None = None
    for one in stretches:
        if one.starts_at >= one.ends_at:
            continue
        if held and (held.state, held.cause) == (one.state, one.cause):
            held = replace(held, ends_at=one.ends_at)
            continue
        if held:
            yield held
        held = one
    if held:
        yield held
