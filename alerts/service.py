"""What people do with incidents: look, take, comment, announce work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from alerts.choices import IncidentEventKind, IncidentState
from alerts.models import Acknowledgement, Incident, IncidentEffect, IncidentEvent, Maintenance
from alerts.repository import tell
from hatang import audit, clock, scope
from hatang.auth import Actor, Permission
from hatang.errors import ConflictError, InvalidInputError, NotFoundError, Problem
from monitors.models import ElementRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.db import AnySession, WriteSession

LONGEST_ACKNOWLEDGEMENT: Final = timedelta(days=7)
LONGEST_NOTE: Final = 4_000


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """Incidents of one page, and how many there are in all."""

    incidents: tuple[Incident, ...]
    total: int


@dataclass(frozen=True, slots=True)
class IncidentDetail:
    """An incident with everything about it that the asker may see."""

    incident: Incident
    effects: tuple[IncidentEffect, ...]
    events: tuple[IncidentEvent, ...]
    acknowledgements: tuple[Acknowledgement, ...]


def list_incidents(
    session: AnySession,
    actor: Actor,
    *,
    states: Sequence[IncidentState] = (IncidentState.OPEN, IncidentState.ACKNOWLEDGED),
    limit: int = 100,
    offset: int = 0,
) -> IncidentPage:
    """Return incidents in `states`, newest first, as far as the actor reaches.

    Raises:
        DeniedError: the actor may not read incidents.
    """
    acting = actor.acting(Permission.INCIDENT_READ)
    seen = (scope.visible(acting, Incident.scope_id), Incident.state.in_(states))
    total = session.scalar(select(func.count()).select_from(Incident).where(*seen)) or 0
    rows = session.scalars(
        select(Incident).where(*seen).order_by(Incident.id.desc()).limit(limit).offset(offset)
    )
    return IncidentPage(tuple(rows), total)


def get_incident(session: AnySession, actor: Actor, number: int) -> IncidentDetail:
    """Return incident `number`; effects outside the actor's reach are left out.

    Raises:
        DeniedError: the actor may not read incidents.
        NotFoundError: there is none, or the actor may not know of it.
    """
    acting = actor.acting(Permission.INCIDENT_READ)
    incident = _find(session, acting, number)
    effects = session.scalars(
        select(IncidentEffect)
        .where(IncidentEffect.incident_id == number)
        .where(scope.visible(acting, IncidentEffect.scope_id))
        .order_by(IncidentEffect.impact.desc(), IncidentEffect.kind, IncidentEffect.name)
    )
    lines = session.scalars(
        select(IncidentEvent).where(IncidentEvent.incident_id == number).order_by(IncidentEvent.id)
    )
    taken = session.scalars(
        select(Acknowledgement)
        .where(Acknowledgement.incident_id == number)
        .order_by(Acknowledgement.id)
    )
    return IncidentDetail(incident, tuple(effects), tuple(lines), tuple(taken))


def acknowledge(
    session: WriteSession, actor: Actor, number: int, *, note: str = "", ends_at: datetime
) -> Acknowledgement:
    """Take incident `number` until `ends_at`; taking it again changes owner, note or end.

    Raises:
        DeniedError: the actor may not acknowledge.
        NotFoundError: there is no such incident within the actor's reach.
        ConflictError: it is resolved.
        InvalidInputError: the end lies in the past or too far ahead, or the note is too long.
    """
    acting = actor.acting(Permission.INCIDENT_ACKNOWLEDGE)
    incident = _find(session, acting, number)
    moment = clock.now()
    problems = _note_problems(note)
    if not moment < ends_at <= moment + LONGEST_ACKNOWLEDGEMENT:
        fix = f"Choose a time within {LONGEST_ACKNOWLEDGEMENT.days} days."
        problems.append(_problem("ends_at", ends_at.isoformat(), "is no time ahead", fix))
    if problems:
        raise InvalidInputError(problems)
    if incident.state == IncidentState.RESOLVED:
        raise ConflictError(f"incident {number} is resolved", fix="Nothing is left to take.")
    row = Acknowledgement(
        incident_id=number,
        actor_id=actor.id,
        actor=actor.name,
        note=note,
        at=moment,
        ends_at=ends_at,
    )
    session.add(row)
    incident.state = IncidentState.ACKNOWLEDGED
    tell(session, incident, IncidentEventKind.ACKNOWLEDGED, actor=actor.name, note=note)
    audit.record(session, actor, "incident.acknowledge", f"incident/{number}", {"note": note})
    session.flush()
    return row


def add_note(session: WriteSession, actor: Actor, number: int, note: str) -> None:
    """Write `note` into the timeline of incident `number`; a resolved one may be commented too.

    Raises:
        DeniedError: the actor may not acknowledge.
        NotFoundError: there is no such incident within the actor's reach.
        InvalidInputError: the note is empty or too long.
    """
    acting = actor.acting(Permission.INCIDENT_ACKNOWLEDGE)
    incident = _find(session, acting, number)
    problems = _note_problems(note)
    if not note.strip():
        problems.append(_problem("note", note, "is empty", "Write something."))
    if problems:
        raise InvalidInputError(problems)
    tell(session, incident, IncidentEventKind.NOTE, actor=actor.name, note=note)
    audit.record(session, actor, "incident.note", f"incident/{number}")


@dataclass(frozen=True, slots=True)
class MaintenanceRequest:
    """Work on `elements` (`kind:key` each) from `starts_at` to `ends_at`."""

    elements: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    reason: str
    source: str = "manual"


def create_maintenance(
    session: WriteSession, actor: Actor, request: MaintenanceRequest
) -> Maintenance:
    """Announce work; what begins in its window is withheld from notification.

    Nothing that was announced before is silenced, and nothing is withheld from measurement.

    Raises:
        DeniedError: the actor may not announce work.
        InvalidInputError: elements, window or reason are wrong, or an element is out of the
            actor's reach; every problem is named.
    """
    acting = actor.acting(Permission.MAINTENANCE_WRITE)
    scopes = _scopes(session, request.elements)
    problems = _note_problems(request.reason)
    if not request.elements:
        problems.append(_problem("elements", "", "names nothing", "Name one at least."))
    for each in request.elements:
        if ":" not in each:
            problems.append(_problem("elements", each, "is no element", "Write it as kind:key."))
        elif not scope.reaches(session, acting, scopes.get(each)):
            problems.append(_problem("elements", each, "is not known to you", "Name your own."))
    if not request.reason.strip():
        problems.append(_problem("reason", request.reason, "is empty", "Say what is done."))
    if request.ends_at <= request.starts_at:
        shown = request.ends_at.isoformat()
        problems.append(_problem("ends_at", shown, "is not after the start", "Move it."))
    if problems:
        raise InvalidInputError(problems)
    reached = {scopes.get(each) for each in request.elements}
    row = Maintenance(
        reason=request.reason,
        elements=sorted(set(request.elements)),
        scope_id=reached.pop() if len(reached) == 1 else None,
        starts_at=request.starts_at,
        ends_at=request.ends_at,
        source=request.source,
        created_by=actor.name,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    detail = {"elements": row.elements, "reason": row.reason}
    audit.record(session, actor, "maintenance.create", f"maintenance/{row.id}", detail)
    return row


def _scopes(session: AnySession, elements: Sequence[str]) -> dict[str, int | None]:
    rows = session.execute(
        select(ElementRow.element, ElementRow.scope_id).where(ElementRow.element.in_(elements))
    )
    return {row.element: row.scope_id for row in rows}


def _find(session: AnySession, acting: Actor, number: int) -> Incident:
    incident = session.scalars(
        select(Incident)
        .where(Incident.id == number)
        .where(scope.visible(acting, Incident.scope_id))
    ).first()
    if incident is None:
        raise NotFoundError(f"there is no incident {number}")
    return incident


def _note_problems(note: str) -> list[Problem]:
    if len(note) <= LONGEST_NOTE:
        return []
    fix = f"Write {LONGEST_NOTE} characters at most."
    return [_problem("note", note[:40], f"has {len(note)} characters", fix)]


def _problem(field: str, value: str, message: str, fix: str) -> Problem:
    return Problem("request", field, value, message, fix)
