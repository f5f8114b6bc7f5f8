"""Sums a shift up from what is written down: nobody types what hatang knows."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from alerts.choices import Impact, IncidentEventKind, IncidentState
from alerts.models import Acknowledgement, Incident, IncidentEffect, IncidentEvent, Maintenance
from alerts.service.summary import DoneLine, OpenLine, OverLine, Promise, Summary, WorkLine
from alerts.service.tickets import list_tickets, standing
from hatang import clock, scope
from hatang.auth import Actor, Permission

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from hatang.db import AnySession

AHEAD: Final = timedelta(hours=12)
"""The next shift: work that begins within it is told."""
MOST: Final = 500
"""Lines of a kind; more is no shift but a disaster with its own record."""
_BY_PEOPLE: Final = (
    IncidentEventKind.ACKNOWLEDGED,
    IncidentEventKind.TAKEN_OVER,
    IncidentEventKind.RELEASED,
    IncidentEventKind.HANDED_OVER,
    IncidentEventKind.TICKET,
    IncidentEventKind.NOTE,
    IncidentEventKind.CLOSED,
)


def sum_up(session: AnySession, actor: Actor, since: datetime) -> Summary:
    """Return what is open, what was done and ended since `since`, and what work runs or comes.

    Raises:
        DeniedError: the actor may not read incidents.
    """
    acting = actor.acting(Permission.INCIDENT_READ)
    return Summary(
        since=since,
        at=clock.now(),
        open=_open(session, acting),
        over=_over(session, acting, since),
        done=_done(session, acting, since),
        work=_work(session, acting),
    )


def _open(session: AnySession, acting: Actor) -> list[OpenLine]:
    rows = session.scalars(
        select(Incident)
        .where(scope.visible(acting, Incident.scope_id))
        .where(Incident.state != IncidentState.RESOLVED)
        .order_by(Incident.bad_since, Incident.id)
        .limit(MOST)
    ).all()
    numbers = [row.id for row in rows]
    held = _held(session, numbers)
    tickets = list_tickets(session, numbers)
    notes = _notes(session, numbers)
    effects = _effects(session, acting, numbers)
    found = []
    for row in rows:
        taken = held.get(row.id) if row.state == IncidentState.ACKNOWLEDGED else None
        suffering = [each for each in effects if each.incident_id == row.id]
        found.append(
            OpenLine(
                scope_id=row.scope_id,
                incident=row.id,
                name=row.name,
                site=row.site,
                alertname=row.alertname,
                severity=row.severity,
                bad_since=row.bad_since,
                owner=taken.actor if taken else "",
                owner_until=taken.ends_at if taken else None,
                down=dict(Counter(each.kind for each in suffering)),
                people=sum(each.people for each in suffering),
                note=notes.get(row.id, ""),
                promises=[
                    Promise(party=one.party, number=one.number, promised_at=one.promised_at)
                    for one in standing(tickets.get(row.id, ()))
                ],
            )
        )
    return found


def _held(session: AnySession, numbers: Sequence[int]) -> Mapping[int, Acknowledgement]:
    rows = session.scalars(
        select(Acknowledgement)
        .where(Acknowledgement.incident_id.in_(numbers), Acknowledgement.ends_at > clock.now())
        .order_by(Acknowledgement.id)
    )
    return {row.incident_id: row for row in rows}


def _notes(session: AnySession, numbers: Sequence[int]) -> dict[int, str]:
    """Return the last thing a person wrote about each incident."""
    lines = session.scalars(
        select(IncidentEvent)
        .where(IncidentEvent.incident_id.in_(numbers), IncidentEvent.kind.in_(_BY_PEOPLE))
        .order_by(IncidentEvent.id)
    )
    return {line.incident_id: str(line.detail["note"]) for line in lines if line.detail.get("note")}


def _effects(
    session: AnySession, acting: Actor, numbers: Sequence[int]
) -> Sequence[IncidentEffect]:
    return session.scalars(
        select(IncidentEffect)
        .where(IncidentEffect.incident_id.in_(numbers), IncidentEffect.impact == Impact.DOWN)
        .where(scope.visible(acting, IncidentEffect.scope_id))
    ).all()


def _over(session: AnySession, acting: Actor, since: datetime) -> list[OverLine]:
    rows = session.scalars(
        select(Incident)
        .where(scope.visible(acting, Incident.scope_id))
        .where(Incident.state == IncidentState.RESOLVED, Incident.resolved_at > since)
        .order_by(Incident.resolved_at, Incident.id)
        .limit(MOST)
    )
    return [
        OverLine(
            scope_id=row.scope_id,
            incident=row.id,
            name=row.name,
            alertname=row.alertname,
            bad_since=row.bad_since,
            resolved_at=row.resolved_at or clock.now(),
        )
        for row in rows
    ]


def _done(session: AnySession, acting: Actor, since: datetime) -> list[DoneLine]:
    rows = session.execute(
        select(IncidentEvent, Incident.name, Incident.scope_id)
        .join(Incident, Incident.id == IncidentEvent.incident_id)
        .where(scope.visible(acting, Incident.scope_id))
        .where(IncidentEvent.at > since, IncidentEvent.kind.in_(_BY_PEOPLE))
        .order_by(IncidentEvent.at, IncidentEvent.id)
        .limit(MOST)
    )
    return [
        DoneLine(
            scope_id=scope_id,
            incident=line.incident_id,
            name=name,
            at=line.at,
            kind=line.kind,
            actor=line.actor,
            note=told(line),
        )
        for line, name, scope_id in rows
    ]


def told(line: IncidentEvent) -> str:
    """Return what a line of the timeline says beside its kind: whom, what number, which words."""
    parts = (line.detail.get(name) for name in ("party", "number", "before", "receiver", "note"))
    return " · ".join(str(part) for part in parts if part)


def _work(session: AnySession, acting: Actor) -> list[WorkLine]:
    moment = clock.now()
    rows = session.scalars(
        select(Maintenance)
        .where(scope.visible(acting, Maintenance.scope_id))
        .where(Maintenance.ends_at > moment, Maintenance.starts_at <= moment + AHEAD)
        .order_by(Maintenance.starts_at, Maintenance.id)
        .limit(MOST)
    )
    return [
        WorkLine(
            scope_id=row.scope_id,
            maintenance=row.id,
            reason=row.reason,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            is_running=row.starts_at <= moment,
            elements=len(row.elements),
        )
        for row in rows
    ]
