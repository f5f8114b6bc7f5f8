"""What has to be sent, and what was: the forwarder's view of incidents."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, func, not_, or_, select, true

from alerts import escalation, probable, wording
from alerts.choices import IncidentEventKind, IncidentState
from alerts.desks import desks
from alerts.maintenance import covered
from alerts.models import (
    Acknowledgement,
    Escalation,
    Forward,
    Incident,
    IncidentEffect,
    IncidentEvent,
)
from alerts.repository import tell
from alerts.routing import Routing
from hatang import clock

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from alerts.desks import Desk
    from hatang.db import WriteSession
    from hatang.settings import EscalationLevel


@dataclass(frozen=True, slots=True)
class Mirror:
    """A silence that mirrors an acknowledgement in one Alertmanager."""

    id: str
    ends_at: datetime | None


_CHUNK: Final = 500
_SHOWN: Final = (
    IncidentEventKind.OPENED, IncidentEventKind.CLOSED, IncidentEventKind.PROBABLE_CAUSE,
)  # fmt: skip
ESCALATION: Final = "escalation"
"""The label that tells the level of an escalation; an incident itself has none."""
ROUTE: Final = "route"
"""The label that names the route an incident took when it was first told of."""


@dataclass(frozen=True, slots=True)
class Plan:
    """To whom to send, and what the settings say about it.

    Unless `is_full`, open incidents that everybody was told of are left out: nothing is due.
    """

    urls: Sequence[str]
    is_full: bool = True
    public_url: str = ""
    keep_resolving: timedelta = timedelta(minutes=15)
    routing: Routing = field(default_factory=Routing)
    escalations: Sequence[EscalationLevel] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One incident to send, or its escalation to a level of 1 and more.

    `unsent` are the Alertmanagers that miss its present state. `is_released`: open and nobody works
    on it, so that no mirror of an acknowledgement may stay.
    """

    incident: int
    level: int
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    opened_at: datetime
    resolved_at: datetime | None
    acknowledged_until: datetime | None
    owner: str
    note: str
    unsent: frozenset[str]
    silences: Mapping[str, Mirror]
    is_released: bool = False


def prepare(session: WriteSession, plan: Plan) -> list[Item]:
    """Freeze the labels of new incidents, write down the intent to send, and return the work.

    The intent goes first: a resolve that Alertmanager never saw firing pages nobody, but a firing
    one that is forgotten here would recover by lapse.
    """
    moment = clock.now()
    _freeze(session, plan.routing, moment)
    escalation.raise_due(session, plan.escalations, moment)
    untold = select(Forward.incident_id).where(
        Forward.resolved_at.is_(None), Forward.alertmanager.in_(plan.urls)
    )
    incidents = session.scalars(
        select(Incident)
        .where(Incident.labels.is_not(None))
        .where(
            or_(
                Incident.state != IncidentState.RESOLVED,
                Incident.resolved_at >= moment - plan.keep_resolving,
                Incident.id.in_(untold),
            )
        )
        .where(true() if plan.is_full else not_(_is_settled(plan.urls, moment)))
        .order_by(Incident.id)
    ).all()
    raised = escalation.raised_levels(session)
    files = _files(session, incidents)
    found: list[Item] = []
    for incident in incidents:
        levels = {0: incident.first_forwarded_at, **raised.get(incident.id, {})}
        file = files[incident.id]
        rows = _rows(session, incident, file.forwards, levels, plan.urls)
        if any(rows.values()):
            found += _items(incident, file, levels, rows, plan)
    return found


def _is_settled(urls: Sequence[str], moment: datetime) -> ColumnElement[bool]:
    """Whether an incident is open, nobody's, and known to all with each of its levels."""
    levels = select(func.count()).where(Escalation.incident_id == Forward.incident_id)
    told = (
        select(Forward.incident_id)
        .where(Forward.fired_at.is_not(None), Forward.alertmanager.in_(urls))
        .group_by(Forward.incident_id)
        .having(func.count() >= len(urls) * (1 + levels.scalar_subquery()))
    )
    taken = select(Acknowledgement.incident_id).where(Acknowledgement.ends_at > moment)
    return and_(
        Incident.state != IncidentState.RESOLVED,
        Incident.id.in_(told),
        Incident.id.not_in(taken),
    )


@dataclass(slots=True)
class _File:
    """What is on record about one incident."""

    forwards: list[Forward] = field(default_factory=list)
    effects: list[IncidentEffect] = field(default_factory=list)
    taken: Acknowledgement | None = None
    closed: IncidentEvent | None = None
    hint: Mapping[str, Any] | None = None
    said: Mapping[str, str] | None = None
    desk: Desk | None = None


def _files(session: WriteSession, incidents: Sequence[Incident]) -> dict[int, _File]:
    """Read the records of many incidents by few queries: a storm of alerts opens thousands."""
    numbers = [each.id for each in incidents]
    known = desks(session, {each.element for each in incidents})
    found = {each.id: _File(desk=known.get(each.element)) for each in incidents}
    for start in range(0, len(numbers), _CHUNK):
        part = numbers[start : start + _CHUNK]
        for row in session.scalars(select(Forward).where(Forward.incident_id.in_(part))):
            found[row.incident_id].forwards.append(row)
        effects = (
            select(IncidentEffect)
            .where(IncidentEffect.incident_id.in_(part))
            .order_by(IncidentEffect.impact.desc(), IncidentEffect.kind, IncidentEffect.name)
        )
        for effect in session.scalars(effects):
            found[effect.incident_id].effects.append(effect)
        taken = select(Acknowledgement).where(Acknowledgement.incident_id.in_(part))
        for each in session.scalars(taken.order_by(Acknowledgement.id)):
            found[each.incident_id].taken = each  # The latest holds, over or not.
        told = select(IncidentEvent).where(
            IncidentEvent.incident_id.in_(part), IncidentEvent.kind.in_(_SHOWN)
        )
        for line in session.scalars(told.order_by(IncidentEvent.id)):
            if line.kind == IncidentEventKind.CLOSED:
                found[line.incident_id].closed = line
            elif line.kind == IncidentEventKind.OPENED:
                found[line.incident_id].said = line.detail.get("said")
            else:
                found[line.incident_id].hint = line.detail
    return found


def _freeze(session: WriteSession, routing: Routing, moment: datetime) -> None:
    away = covered(session, moment)
    fresh = select(Incident).where(Incident.labels.is_(None))
    waiting = session.scalars(fresh.where(Incident.state != IncidentState.RESOLVED)).all()
    scopes = routing.scopes(session) if waiting else {}
    for incident in waiting:
        if incident.element in away:
            continue
        labels = {
            "alertname": incident.alertname,
            "correlated": "true",
            "incident": str(incident.id),
            "severity": incident.severity,
        }
        if incident.site:
            labels["site"] = incident.site
        if incident.scope_id is not None:
            labels["scope"] = str(incident.scope_id)
        if route := routing.route(incident, scopes, moment):
            labels[ROUTE] = route
        incident.labels = labels
    session.flush()


def _rows(
    session: WriteSession,
    incident: Incident,
    known_rows: Sequence[Forward],
    levels: Collection[int],
    urls: Sequence[str],
) -> dict[int, dict[str, Forward]]:
    found: dict[int, dict[str, Forward]] = {level: {} for level in levels}
    for row in known_rows:
        if row.alertmanager in urls and row.level in found:
            found[row.level][row.alertmanager] = row
    if incident.state == IncidentState.RESOLVED:
        return found  # One that never fired there must not recover there.
    for level, known in found.items():
        for url in urls:
            if url not in known:
                row = Forward(incident_id=incident.id, level=level, alertmanager=url)
                row.silence_id, row.error = "", ""
                session.add(row)
                known[url] = row
    return found


def _items(
    incident: Incident,
    file: _File,
    levels: Mapping[int, datetime | None],
    rows: Mapping[int, Mapping[str, Forward]],
    plan: Plan,
) -> Iterator[Item]:
    is_released = incident.state == IncidentState.OPEN
    taken = None if is_released else file.taken
    closed = file.closed if incident.state == IncidentState.RESOLVED else None
    hint = file.hint if probable.is_of(file.hint, incident) else None
    known = wording.Known(closed, file.desk, hint, file.said)
    texts = wording.texts(incident, file.effects, taken, plan.public_url, known)
    for level, told_at in levels.items():
        if not rows[level]:
            continue
        is_over = incident.state == IncidentState.RESOLVED and not _waits(incident, told_at, plan)
        extra = {ESCALATION: str(level)} if level else {}
        yield Item(
            incident=incident.id,
            level=level,
            labels={**(incident.labels or {}), **extra},
            annotations=wording.escalated(texts, level) if level else texts,
            opened_at=(told_at if level else None) or incident.opened_at,
            resolved_at=incident.resolved_at if is_over else None,
            # The mirror matches by incident: it mutes the escalations too.
            acknowledged_until=taken.ends_at if taken and not level else None,
            owner=taken.actor if taken else "",
            note=taken.note if taken else "",
            is_released=is_released,
            unsent=frozenset(
                url
                for url, row in rows[level].items()
                if (row.resolved_at if is_over else row.fired_at) is None
            ),
            silences={
                url: Mirror(row.silence_id, row.silence_ends_at)
                for url, row in rows[level].items()
                if row.silence_id
            },
        )


def _waits(incident: Incident, told_at: datetime | None, plan: Plan) -> bool:
    """Whether the recovery waits for the end of quiet hours."""
    severity = (incident.labels or {}).get("severity", "")
    return told_at is not None and plan.routing.holds_back(severity, told_at, clock.now())


def sent(session: WriteSession, url: str, items: Sequence[Item]) -> None:
    """Write down that `url` took `items`; only now the timeline says that people were told."""
    moment = clock.now()
    for item in items:
        row = session.get(Forward, (item.incident, item.level, url))
        if row is None:
            continue
        if item.resolved_at is None:
            row.fired_at = row.fired_at or moment
            _told(session, item.incident, moment)
        else:
            row.resolved_at = row.resolved_at or moment


def _told(session: WriteSession, number: int, moment: datetime) -> None:
    incident = session.get_one(Incident, number)
    if incident.first_forwarded_at is None:
        incident.first_forwarded_at = moment
        tell(session, incident, IncidentEventKind.FORWARDED)


def keep_silence(
    session: WriteSession, incident_id: int, url: str, silence: tuple[str, datetime]
) -> None:
    """Write down which silence mirrors the acknowledgement of an incident at `url`."""
    row = session.get(Forward, (incident_id, 0, url))
    if row is not None:
        row.silence_id, row.silence_ends_at = silence


def forget_silence(session: WriteSession, incident_id: int, url: str) -> None:
    """Write down that no silence is left at `url`."""
    row = session.get(Forward, (incident_id, 0, url))
    if row is not None:
        row.silence_id, row.silence_ends_at = "", None
