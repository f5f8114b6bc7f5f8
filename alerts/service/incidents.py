"""What people do with incidents: look, comment, close."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from alerts import conditions, loading
from alerts.choices import IncidentEventKind, IncidentState
from alerts.correlation import faults_of
from alerts.graph import Health
from alerts.models import Acknowledgement, Incident, IncidentEffect, IncidentEvent, Ticket
from alerts.repository import tell
from alerts.service.problems import note_problems
from alerts.service.reach import incident_of
from alerts.service.tickets import list_tickets
from hatang import audit, clock, scope
from hatang.auth import Actor, Permission
from hatang.errors import ConflictError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from hatang.db import AnySession, WriteSession


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
    tickets: tuple[Ticket, ...] = ()


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


def incidents_at(
    session: AnySession, actor: Actor, at: datetime, *, limit: int = 100
) -> IncidentPage:
    """Return the incidents that were open at `at`, newest first, as far as the actor reaches.

    Each is told as it is known today: its cause may have been found only after `at`.

    Raises:
        DeniedError: the actor may not read incidents.
    """
    acting = actor.acting(Permission.INCIDENT_READ)
    was_open = or_(Incident.resolved_at.is_(None), Incident.resolved_at > at)
    seen = (scope.visible(acting, Incident.scope_id), Incident.opened_at <= at, was_open)
    total = session.scalar(select(func.count()).select_from(Incident).where(*seen)) or 0
    rows = session.scalars(select(Incident).where(*seen).order_by(Incident.id.desc()).limit(limit))
    return IncidentPage(tuple(rows), total)


def get_incident(session: AnySession, actor: Actor, number: int) -> IncidentDetail:
    """Return incident `number`; effects outside the actor's reach are left out.

    Raises:
        DeniedError: the actor may not read incidents.
        NotFoundError: there is none, or the actor may not know of it.
    """
    acting = actor.acting(Permission.INCIDENT_READ)
    incident = incident_of(session, acting, number)
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
    said = list_tickets(session, [number]).get(number, ())
    return IncidentDetail(incident, tuple(effects), tuple(lines), tuple(taken), tuple(said))


def add_note(session: WriteSession, actor: Actor, number: int, note: str) -> None:
    """Write `note` into the timeline of incident `number`; a resolved one may be commented too.

    Raises:
        DeniedError: the actor may not acknowledge.
        NotFoundError: there is no such incident within the actor's reach.
        InvalidInputError: the note is empty or too long.
    """
    acting = actor.acting(Permission.INCIDENT_ACKNOWLEDGE)
    incident = incident_of(session, acting, number)
    problems = note_problems("note", note, "Write something.")
    if problems:
        raise InvalidInputError(problems)
    tell(session, incident, IncidentEventKind.NOTE, actor=actor.name, note=note)
    audit.record(session, actor, "incident.note", f"incident/{number}")


def close(session: WriteSession, actor: Actor, number: int, *, reason: str) -> Incident:
    """End incident `number` because a person says so, where no measurement will ever end it.

    Alertmanager is told that it is over. What is measured bad stays open; a bad measurement after
    the close is a new incident.

    Raises:
        DeniedError: the actor may not acknowledge.
        NotFoundError: there is no such incident within the actor's reach.
        ConflictError: it is resolved, or its cause is still measured bad.
        InvalidInputError: the reason is missing or too long.
    """
    acting = actor.acting(Permission.INCIDENT_ACKNOWLEDGE)
    incident = incident_of(session, acting, number)
    problems = note_problems("reason", reason, "Say how you know that it is over.")
    if problems:
        raise InvalidInputError(problems)
    if incident.state == IncidentState.RESOLVED:
        raise ConflictError(f"incident {number} is resolved", fix="Nothing is left to close.")
    if _is_bad(session, incident):
        raise ConflictError(
            f"incident {number} is still bad by its last measurement",
            fix="Mend the cause, or acknowledge the incident; it ends with a good measurement.",
        )
    incident.state, incident.resolved_at = IncidentState.RESOLVED, clock.now()
    tell(session, incident, IncidentEventKind.CLOSED, actor=actor.name, note=reason)
    audit.record(session, actor, "incident.close", f"incident/{number}", {"reason": reason})
    session.flush()
    return incident


def _is_bad(session: AnySession, incident: Incident) -> bool:
    measured = {incident.fault, *incident.parts}
    is_drawn = any(each.startswith("link:") for each in measured)
    ends = loading.load_ends(session) if is_drawn else {}
    for key in measured:
        fault = faults_of(conditions.of_fault(session, key, ends)).get(key)
        if fault is not None and fault.health is Health.BAD:
            return True
    return False
