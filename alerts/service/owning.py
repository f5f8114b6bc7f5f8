"""Who works on an incident: taking it, taking it over, giving it back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select, update

from alerts.choices import IncidentEventKind, IncidentState
from alerts.models import Acknowledgement, Forward, Incident
from alerts.repository import tell
from alerts.service.problems import note_problems, problem
from alerts.service.reach import incident_of
from hatang import audit, clock
from hatang.auth import Actor, Permission
from hatang.errors import ConflictError, InvalidInputError

if TYPE_CHECKING:
    from hatang.db import AnySession, WriteSession

LONGEST_ACKNOWLEDGEMENT: Final = timedelta(days=7)
ACKNOWLEDGE: Final = Permission.INCIDENT_ACKNOWLEDGE


def holder(session: AnySession, incident: Incident) -> Acknowledgement | None:
    """Return the acknowledgement under which somebody works on `incident` now, if any."""
    if incident.state != IncidentState.ACKNOWLEDGED:
        return None
    latest = (
        select(Acknowledgement)
        .where(Acknowledgement.incident_id == incident.id)
        .order_by(Acknowledgement.id.desc())
        .limit(1)
    )
    row = session.scalars(latest).first()
    return row if row is not None and row.ends_at > clock.now() else None


def acknowledge(
    session: WriteSession, actor: Actor, number: int, *, note: str = "", ends_at: datetime
) -> Acknowledgement:
    """Take incident `number` until `ends_at`; taking one's own again changes its note and end.

    Raises:
        DeniedError: the actor may not acknowledge.
        NotFoundError: there is no such incident within the actor's reach.
        ConflictError: it is resolved, or another person works on it.
        InvalidInputError: the end lies in the past or too far ahead, or the note is too long.
    """
    incident = _takeable(session, actor, number, note, ends_at)
    held = holder(session, incident)
    if held is not None and not _is_mine(held, actor):
        raise ConflictError(
            f"{held.actor} works on incident {number} until {held.ends_at.isoformat()}",
            fix="Take it over, if you mean to relieve that person.",
        )
    row = _take(session, actor, incident, note, ends_at)
    tell(session, incident, IncidentEventKind.ACKNOWLEDGED, actor=actor.name, note=note)
    audit.record(session, actor, "incident.acknowledge", f"incident/{number}", {"note": note})
    return row


def take_over(
    session: WriteSession, actor: Actor, number: int, *, note: str = "", ends_at: datetime
) -> Acknowledgement:
    """Take incident `number` from the person who works on it; the timeline names both.

    Raises:
        DeniedError, NotFoundError, InvalidInputError: as `acknowledge`.
        ConflictError: it is resolved, nobody works on it, or the actor does.
    """
    incident = _takeable(session, actor, number, note, ends_at)
    held = holder(session, incident)
    if held is None:
        raise ConflictError(f"nobody works on incident {number}", fix="Acknowledge it.")
    if _is_mine(held, actor):
        raise ConflictError(f"incident {number} is yours already", fix="Nothing is to be done.")
    before = held.actor
    row = _take(session, actor, incident, note, ends_at)
    told = {"before": before, "note": note}
    tell(session, incident, IncidentEventKind.TAKEN_OVER, actor=actor.name, **told)
    audit.record(session, actor, "incident.take-over", f"incident/{number}", told)
    return row


def release(session: WriteSession, actor: Actor, number: int, *, reason: str) -> Incident:
    """Give incident `number` back: nobody works on it, and people are paged again.

    Raises:
        DeniedError: the actor may not acknowledge.
        NotFoundError: there is no such incident within the actor's reach.
        ConflictError: nobody works on it, or somebody else does.
        InvalidInputError: the reason is missing or too long.
    """
    incident = incident_of(session, actor.acting(ACKNOWLEDGE), number)
    problems = note_problems("reason", reason, "Say why nobody works on it any more.")
    if problems:
        raise InvalidInputError(problems)
    held = holder(session, incident)
    if held is None:
        raise ConflictError(f"nobody works on incident {number}", fix="Nothing is to be released.")
    if not _is_mine(held, actor):
        raise ConflictError(
            f"{held.actor} works on incident {number}", fix="Take it over before you release it."
        )
    end_before(session, incident.id)
    incident.state = IncidentState.OPEN
    tell(session, incident, IncidentEventKind.RELEASED, actor=actor.name, note=reason)
    audit.record(session, actor, "incident.release", f"incident/{number}", {"reason": reason})
    session.flush()
    return incident


def end_before(session: WriteSession, number: int) -> None:
    """End now every acknowledgement of incident `number` that would hold longer."""
    moment = clock.now()
    still = update(Acknowledgement).where(
        Acknowledgement.incident_id == number, Acknowledgement.ends_at > moment
    )
    session.execute(still.values(ends_at=moment))


def hold(session: WriteSession, incident: Incident, **values: Any) -> Acknowledgement:
    """Write down a new acknowledgement, which ends those before it.

    Its mirror is written anew even where only the owner changed: Alertmanager shows his name.
    """
    end_before(session, incident.id)
    mirrors = update(Forward).where(Forward.incident_id == incident.id)
    session.execute(mirrors.values(silence_ends_at=None))
    row = Acknowledgement(incident_id=incident.id, at=clock.now(), **values)
    session.add(row)
    incident.state = IncidentState.ACKNOWLEDGED
    session.flush()
    return row


def _takeable(
    session: WriteSession, actor: Actor, number: int, note: str, ends_at: datetime
) -> Incident:
    incident = incident_of(session, actor.acting(ACKNOWLEDGE), number)
    moment = clock.now()
    problems = note_problems("note", note)
    if not moment < ends_at <= moment + LONGEST_ACKNOWLEDGEMENT:
        fix = f"Choose a time within {LONGEST_ACKNOWLEDGEMENT.days} days."
        problems.append(problem("ends_at", ends_at.isoformat(), "is no time ahead", fix))
    if problems:
        raise InvalidInputError(problems)
    if incident.state == IncidentState.RESOLVED:
        raise ConflictError(f"incident {number} is resolved", fix="Nothing is left to take.")
    return incident


def _take(
    session: WriteSession, actor: Actor, incident: Incident, note: str, ends_at: datetime
) -> Acknowledgement:
    given = {"actor_id": actor.id, "actor": actor.name, "note": note, "ends_at": ends_at}
    return hold(session, incident, **given)


def _is_mine(held: Acknowledgement, actor: Actor) -> bool:
    return (held.actor_id, held.actor) == (actor.id, actor.name)
