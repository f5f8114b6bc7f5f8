"""How long people took: times to acknowledge and to repair, by unit, circuit or carrier.

Of the incidents opened within a period:

* the *time to acknowledge* is from the opening to the first acknowledgement;
* the *time to repair* is from the first bad measurement to the resolution by a good one.

The clock stands still while the cause is in announced work; an incident that lay wholly within it
counts for nothing else. An incident that is open still, that nobody took, or that a person closed
without a measurement has no such time: each of these is counted apart, never as 0.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from alerts.carriers import CARRIER
from alerts.choices import IncidentEventKind
from alerts.circuits import carried
from alerts.maintenance import windows
from alerts.models import Acknowledgement, Incident, IncidentEffect, IncidentEvent
from alerts.spans import length, merged, without
from hatang import clock, scope
from hatang.auth import Permission
from hatang.errors import InvalidInputError, Problem
from inventory import service as inventory
from inventory.rows import EVERYTHING
from monitors.history import nearest_rank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from alerts.spans import Span
    from hatang.auth import Actor
    from hatang.db import AnySession

PERCENT = 90


class Grouping(StrEnum):
    """What times are told apart by."""

    UNIT = "unit"
    CIRCUIT = "circuit"
    CARRIER = "carrier"


@dataclass(frozen=True, slots=True)
class Measured:
    """How many times were measured, their median and 90th percentile in seconds.

    Both by nearest rank: a time that was measured, None where there is none.
    """

    count: int
    median_seconds: float | None
    p90_seconds: float | None


@dataclass(frozen=True, slots=True)
class ResponseTimes:
    """The times of one unit, circuit or carrier; `key` is empty for what belongs to none.

    Of `incidents`, `waiting` are open and nobody took them, `untaken` were over before anybody
    did, `open` are not repaired yet, `closed` were ended by a person's word. `in_maintenance` are
    not among them.
    """

    key: str
    name: str
    incidents: int
    in_maintenance: int
    acknowledged: Measured
    waiting: int
    untaken: int
    repaired: Measured
    open: int
    closed: int


@dataclass(slots=True)
class _Tally:
    incidents: int = 0
    in_maintenance: int = 0
    waiting: int = 0
    untaken: int = 0
    open: int = 0
    closed: int = 0
    acknowledged: list[float] = field(default_factory=list)
    repaired: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known beside the incidents themselves."""

    taken: Mapping[int, datetime]
    closed: frozenset[int]
    works: Mapping[str, Sequence[Span]]
    now: datetime


def response_times(
    session: AnySession, actor: Actor, by: Grouping, span: Span
) -> list[ResponseTimes]:
    """Return the times of incidents opened within `span`, those with the most incidents first.

    By circuit and carrier only incidents of circuits themselves are told, by unit all of them. A
    carrier's own incident counts once for the carrier and once for each circuit it took.

    Raises:
        DeniedError: the actor may read no incidents.
        InvalidInputError: the span ends before it begins.
    """
    if span[1] <= span[0]:
        shown, fix = span[1].isoformat(), "Give an end after the beginning."
        problem = Problem("request", "until", shown, "is not after the beginning", fix)
        raise InvalidInputError([problem])
    acting = actor.acting(Permission.INCIDENT_READ)
    within = (
        scope.visible(acting, Incident.scope_id),
        Incident.opened_at >= span[0],
        Incident.opened_at < span[1],
    )
    incidents = session.scalars(select(Incident).where(*within).order_by(Incident.id)).all()
    first = select(Acknowledgement.incident_id, func.min(Acknowledgement.at))
    taken = first.join(Incident, Acknowledgement.incident_id == Incident.id).where(*within)
    ended = select(IncidentEvent.incident_id).join(Incident).where(*within)
    by_hand = ended.where(IncidentEvent.kind == IncidentEventKind.CLOSED)
    now = clock.now()
    facts = _Facts(
        taken=dict(session.execute(taken.group_by(Acknowledgement.incident_id)).all()),
        closed=frozenset(session.scalars(by_hand)),
        works=_works(session, min((each.bad_since for each in incidents), default=now), now),
        now=now,
    )
    placed = _placed(session, actor, by, incidents)
    tallies: dict[tuple[str, str], _Tally] = defaultdict(_Tally)
    for incident in incidents:
        for place in placed(incident):
            _count(tallies[place], incident, facts)
    found = [_told(place, tally) for place, tally in tallies.items()]
    return sorted(found, key=lambda one: (-one.incidents, one.name, one.key))


def _works(session: AnySession, since: datetime, until: datetime) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = defaultdict(list)
    for row in windows(session, since, until):
        for element in row.elements:
            found[element].append((row.starts_at, row.ends_at))
    return {element: merged(spans) for element, spans in found.items()}


def _count(tally: _Tally, incident: Incident, facts: _Facts) -> None:
    works = facts.works.get(incident.element, ())
    end = incident.resolved_at or facts.now
    down = without(merged([(incident.bad_since, end)]), works)
    if works and not down:
        tally.in_maintenance += 1
        return
    tally.incidents += 1
    taken = facts.taken.get(incident.id)
    if taken is not None:
        waited = without(merged([(incident.opened_at, taken)]), works)
        tally.acknowledged.append(length(waited).total_seconds())
    elif incident.resolved_at is None:
        tally.waiting += 1
    else:
        tally.untaken += 1
    if incident.resolved_at is None:
        tally.open += 1
    elif incident.id in facts.closed:
        tally.closed += 1
    else:
        tally.repaired.append(length(down).total_seconds())


def _told(place: tuple[str, str], tally: _Tally) -> ResponseTimes:
    return ResponseTimes(
        key=place[0],
        name=place[1],
        incidents=tally.incidents,
        in_maintenance=tally.in_maintenance,
        acknowledged=_measured(tally.acknowledged),
        waiting=tally.waiting,
        untaken=tally.untaken,
        repaired=_measured(tally.repaired),
        open=tally.open,
        closed=tally.closed,
    )


def _measured(seconds: Sequence[float]) -> Measured:
    return Measured(len(seconds), nearest_rank(seconds, 50), nearest_rank(seconds, PERCENT))


def _placed(
    session: AnySession, actor: Actor, by: Grouping, incidents: Iterable[Incident]
) -> Callable[[Incident], Sequence[tuple[str, str]]]:
    """Return what tells where an incident belongs: keys and names, none when nowhere."""
    if by is Grouping.UNIT:
        units = inventory.list_units(session, actor, EVERYTHING).items
        of_scope = {each.scope_id: (each.code, each.name) for each in units}
        return lambda incident: [of_scope.get(incident.scope_id or 0, ("", ""))]
    of_link = {
        link: one.cid if by is Grouping.CIRCUIT else one.carrier
        for one in carried(session).values()
        for link in one.links
    }
    if by is Grouping.CARRIER:
        of_link |= {f"{CARRIER}{name}": name for name in {*of_link.values()}}
    of = {link: [(name, name)] for link, name in of_link.items()}
    taken = _taken(session, incidents) if by is Grouping.CIRCUIT else {}
    return lambda incident: taken.get(incident.id) or of.get(incident.element, [])


def _taken(session: AnySession, incidents: Iterable[Incident]) -> dict[int, list[tuple[str, str]]]:
    """Return the circuits that each carrier's incident took."""
    numbers = [each.id for each in incidents if each.element.startswith(CARRIER)]
    rows = session.execute(
        select(IncidentEffect.incident_id, IncidentEffect.name)
        .where(IncidentEffect.incident_id.in_(numbers), IncidentEffect.kind == "circuit")
        .order_by(IncidentEffect.incident_id, IncidentEffect.name)
    )
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for number, cid in rows:
        found[number].append((cid, cid))
    return found
