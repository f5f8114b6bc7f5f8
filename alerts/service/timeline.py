"""An incident's story: what was measured, what was done, what was changed, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from alerts import loading
from alerts.maintenance import windows
from alerts.service.incidents import get_incident
from hatang import clock, gates
from monitors.service import transitions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from alerts.service.incidents import IncidentDetail
    from hatang.auth import Actor
    from hatang.db import AnySession

BEFORE: Final = timedelta(hours=1)
"""How long before the fault something may still be its cause."""
AFTER: Final = timedelta(minutes=15)
"""How long after the end its last effects may still be measured."""


class Lane(StrEnum):
    """Which of the three stories a moment belongs to."""

    MEASUREMENT = "measurement"
    EVENT = "event"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened to `element`.

    `kind` is the state that was entered, the kind of event, or what the change comes from;
    `text` the cause of the state, who did it, or what was changed; `link` leads to more.
    """

    at: datetime
    lane: Lane
    kind: str
    element: str
    text: str
    detail: dict[str, Any]
    link: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The moments from `since` to `until`, earliest first.

    `left_out` measurements there are more than were asked for: the latest of them.
    """

    since: datetime
    until: datetime
    moments: tuple[Moment, ...]
    left_out: int


def incident_timeline(
    session: AnySession, actor: Actor, number: int, *, limit: int = 500
) -> Timeline:
    """Return the story of incident `number`, with at most `limit` measurements, the first ones.

    Measured are its cause, the parts of that device or the ends of that link, where it began, and
    its effects, as far as the actor sees them; from an hour before the fault until fifteen minutes
    after the end.

    Raises:
        DeniedError: the actor may read no incidents, or no states.
        NotFoundError: there is no such incident within the actor's reach.
    """
    detail = get_incident(session, actor, number)
    incident = detail.incident
    since = incident.bad_since - BEFORE
    until = min(clock.now(), (incident.resolved_at or clock.now()) + AFTER)
    elements = {incident.element, incident.origin, *(each.element for each in detail.effects)}
    ends = loading.load_ends(session)
    ports = {port for port, link in ends.items() if link in elements}
    causes = {incident.element, incident.origin}
    owners = {each.partition(":")[2] for each in causes if each.startswith("device:")}
    told, total = transitions_of(session, actor, (elements | ports, owners), (since, until), limit)
    measured = [
        Moment(
            each.at,
            Lane.MEASUREMENT,
            each.to_state,
            each.element.key,
            each.cause,
            {"from": each.from_state, **each.evidence},
        )
        for each in told
    ]
    changed = _changes(session, elements | ports, (since, until))
    whole = sorted((*measured, *_events(detail), *changed), key=lambda one: (one.at, one.lane))
    return Timeline(since, until, tuple(whole), total - len(told))


def _events(detail: IncidentDetail) -> Iterator[Moment]:
    element = detail.incident.element
    for line in detail.events:
        yield Moment(line.at, Lane.EVENT, line.kind, element, line.actor, line.detail)


def _changes(
    session: AnySession, elements: Iterable[str], span: tuple[datetime, datetime]
) -> Iterator[Moment]:
    """Yield what was changed, by those who know of changes, and announced work."""
    asked = sorted(elements)
    for gate in gates.all_of(gates.CAUSE):
        for hint in gate.hints(session, asked, *span):
            yield Moment(hint.at, Lane.CHANGE, hint.source, hint.element, hint.text, {}, hint.link)
    for work in windows(session, *span):
        for element in sorted(set(work.elements).intersection(asked)):
            ends = {"ends_at": work.ends_at.isoformat(), "by": work.created_by}
            yield Moment(work.starts_at, Lane.CHANGE, "maintenance", element, work.reason, ends)
