"""What was measured, what people and hatang did, and what was changed: side by side, by time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from alerts import loading
from hatang import gates
from hatang.auth import Permission
from monitors import service as monitors

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from alerts.models import IncidentEvent
    from alerts.service.incidents import IncidentDetail
    from hatang.auth import Actor
    from hatang.db import AnySession
    from monitors.service import TransitionRecord

BEFORE: Final = timedelta(hours=1)
"""How long before the fault a change may still be its cause."""
AFTER: Final = timedelta(minutes=15)
"""How long after the end measurements still belong to it."""
MOST: Final = 200
_MEASURED: Final = ("device", "service", "interface", "ups", "bgp", "ospf")


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline: exactly one of `measured`, `event` and `change` is there.

    `name` is what people call the element that was measured or changed.
    """

    at: datetime
    name: str = ""
    measured: TransitionRecord | None = None
    event: IncidentEvent | None = None
    change: gates.Hint | None = None


def changes_before(session: AnySession, detail: IncidentDetail) -> list[gates.Hint]:
    """Return what was changed on the cause and its effects since an hour before the fault."""
    incident = detail.incident
    elements = [incident.element, *(each.element for each in detail.effects)]
    since = incident.bad_since - BEFORE
    return [
        hint
        for gate in gates.all_of(gates.CAUSE)
        for hint in gate.hints(session, elements, since, incident.opened_at)
    ]


def timeline(session: AnySession, actor: Actor, detail: IncidentDetail) -> list[Moment]:
    """Return everything that happened around an incident, newest first.

    Measurements are of the cause and the first effects, the latest `MOST` of them.
    """
    names = _names(detail)
    moments = [
        *_measured(session, actor, detail, names),
        *(Moment(line.at, event=line) for line in detail.events),
        *(
            Moment(hint.at, names.get(hint.element, hint.element), change=hint)
            for hint in changes_before(session, detail)
        ),
    ]
    return sorted(moments, key=lambda each: each.at)[::-1]


def _measured(
    session: AnySession, actor: Actor, detail: IncidentDetail, names: dict[str, str]
) -> Iterable[Moment]:
    if not actor.may(Permission.MONITOR_READ):
        return
    incident = detail.incident
    keys = [*names][:MOST]
    for link in (incident.element, incident.origin):
        kind, _, number = link.partition(":")
        if kind == "link":
            keys += loading.ports_of(session, int(number))
    until = incident.resolved_at + AFTER if incident.resolved_at else None
    records = monitors.list_transitions(
        session, actor, among=keys, after=incident.bad_since - BEFORE, until=until, limit=MOST
    )
    for record in records:
        name = names.get(record.element.key) or record.element.name or incident.name
        yield Moment(record.at, name, measured=record)


def _names(detail: IncidentDetail) -> dict[str, str]:
    incident = detail.incident
    known = {incident.element: incident.name}
    known.setdefault(incident.origin, incident.origin.partition(":")[2])
    for effect in detail.effects:
        if effect.kind in _MEASURED:
            known[effect.element] = effect.name
    return known
