"""Handing a shift over: a summary, a word to the next person, and the incidents one worked on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import or_, select

from alerts.choices import IncidentEventKind, IncidentState
from alerts.models import Handover, Incident
from alerts.repository import tell
from alerts.service.owning import ACKNOWLEDGE, hold, holder
from alerts.service.problems import note_problems, problem
from alerts.service.summary import Line, Summary
from alerts.service.summing import sum_up
from hatang import audit, clock, scope
from hatang.auth import Actor, Permission, User, users
from hatang.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.models import Acknowledgement
    from hatang.db import AnySession, WriteSession

SHIFT: Final = timedelta(hours=12)
"""How far a summary goes back where nobody handed over before."""
LONGEST_SHIFT: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class HandoverDetail:
    """A shift that was handed over, with what the asker may see of its summary."""

    id: int
    since: datetime
    at: datetime
    actor: str
    receiver: str
    note: str
    summary: Summary


def list_takers(session: AnySession, actor: Actor) -> list[User]:
    """Return who may take a shift: everybody who may acknowledge, but the actor.

    Raises:
        DeniedError: the actor may not acknowledge.
    """
    actor.acting(ACKNOWLEDGE)
    return [one for one in users.list_holders(session, ACKNOWLEDGE) if one.id != actor.id]


def draft_handover(session: AnySession, actor: Actor, since: datetime | None = None) -> Summary:
    """Return what would be handed over now; `since` is when the shift began.

    Left out, it is when the actor last took a shift, or 12 hours ago.

    Raises:
        DeniedError: the actor may not read incidents.
        InvalidInputError: `since` lies ahead, or more than a week back.
    """
    moment = clock.now()
    begun = since or _taken_at(session, actor) or moment - SHIFT
    if not moment - LONGEST_SHIFT <= begun < moment:
        fix = f"Give a time within the last {LONGEST_SHIFT.days} days."
        wrong = problem("since", begun.isoformat(), "is no beginning of a shift", fix)
        raise InvalidInputError([wrong])
    return sum_up(session, actor, begun)


def hand_over(
    session: WriteSession,
    actor: Actor,
    *,
    receiver: str,
    note: str = "",
    since: datetime | None = None,
) -> HandoverDetail:
    """Hand the actor's shift to `receiver`: what the actor works on is the receiver's then.

    An incident beyond the receiver's reach stays with the actor. The summary is kept as it was.

    Raises:
        DeniedError: the actor may not acknowledge.
        InvalidInputError: there is no such person, or one who may not acknowledge, or the note is
            too long, or `since` as in `draft_handover`; all of it at once.
    """
    actor.acting(ACKNOWLEDGE)
    taker = _receiver(session, actor, receiver)
    problems = [*note_problems("note", note)]
    if taker is None:
        fix = "Name a person who may acknowledge incidents, other than yourself."
        problems.append(problem("receiver", receiver, "cannot take the shift", fix))
    if problems:
        raise InvalidInputError(problems)
    assert taker is not None  # noqa: S101 - refused above
    begun = draft_handover(session, actor, since).since
    passed = _pass_on(session, actor, taker)
    summary = sum_up(session, actor, begun)
    row = Handover(
        since=begun,
        at=summary.at,
        actor_id=actor.id,
        actor=actor.name,
        receiver_id=taker.id,
        receiver=taker.name,
        note=note,
        summary=summary.model_dump(mode="json"),
    )
    session.add(row)
    session.flush()
    told = {"receiver": taker.name, "incidents": passed, "open": len(summary.open)}
    audit.record(session, actor, "incident.hand-over", f"handover/{row.id}", told)
    return _detail(row, summary)


def list_handovers(session: AnySession, actor: Actor, limit: int = 50) -> list[Handover]:
    """Return the latest shifts handed over, newest first.

    Raises:
        DeniedError: the actor may not read incidents.
    """
    actor.acting(Permission.INCIDENT_READ)
    return list(session.scalars(select(Handover).order_by(Handover.id.desc()).limit(limit)))


def get_handover(session: AnySession, actor: Actor, number: int) -> HandoverDetail:
    """Return one shift that was handed over; lines beyond the actor's reach are left out.

    Raises:
        DeniedError: the actor may not read incidents.
        NotFoundError: there is none.
    """
    acting = actor.acting(Permission.INCIDENT_READ)
    row = session.get(Handover, number)
    if row is None:
        raise NotFoundError(f"there is no handover {number}")
    return _detail(row, _seen(session, acting, Summary.model_validate(row.summary)))


def _detail(row: Handover, summary: Summary) -> HandoverDetail:
    return HandoverDetail(row.id, row.since, row.at, row.actor, row.receiver, row.note, summary)


def _seen(session: AnySession, acting: Actor, whole: Summary) -> Summary:
    lines: list[Line] = [*whole.open, *whole.over, *whole.done, *whole.work]
    scopes = {line.scope_id for line in lines}
    reached = {each for each in scopes if scope.reaches(session, acting, each)}
    parts: dict[str, Sequence[Line]] = {
        "open": whole.open,
        "over": whole.over,
        "done": whole.done,
        "work": whole.work,
    }
    seen = {
        name: [line for line in part if line.scope_id in reached] for name, part in parts.items()
    }
    return whole.model_copy(update=seen)


def _taken_at(session: AnySession, actor: Actor) -> datetime | None:
    """Return when the actor last took a shift or gave one away, within the longest shift."""
    mine = or_(Handover.receiver_id == actor.id, Handover.actor_id == actor.id)
    recent = Handover.at >= clock.now() - LONGEST_SHIFT
    last = select(Handover.at).where(mine, recent).order_by(Handover.id.desc()).limit(1)
    return session.scalar(last)


def _receiver(session: AnySession, actor: Actor, name: str) -> Actor | None:
    known = {one.name: one for one in list_takers(session, actor)}
    user = known.get(name.strip().casefold())
    return users.actor_of(session, user) if user else None


def _pass_on(session: WriteSession, actor: Actor, taker: Actor) -> list[int]:
    """Give the actor's incidents to `taker` as far as he reaches; return their numbers."""
    reach = taker.acting(ACKNOWLEDGE)
    taken = select(Incident).where(Incident.state == IncidentState.ACKNOWLEDGED)
    passed = []
    for incident in session.scalars(taken.order_by(Incident.id)).all():
        held = holder(session, incident)
        if held is None or held.actor_id != actor.id or held.actor != actor.name:
            continue
        if not scope.reaches(session, reach, incident.scope_id):
            continue
        _give(session, actor, taker, incident, held)
        passed.append(incident.id)
    return passed


def _give(
    session: WriteSession, actor: Actor, taker: Actor, incident: Incident, held: Acknowledgement
) -> None:
    # Long enough to look at it: an end within the first minutes of a shift pages the new person.
    ends_at = max(held.ends_at, clock.now() + timedelta(hours=1))
    given = {"actor_id": taker.id, "actor": taker.name, "note": held.note, "ends_at": ends_at}
    hold(session, incident, **given)
    told = {"receiver": taker.name}
    tell(session, incident, IncidentEventKind.HANDED_OVER, actor=actor.name, **told)
