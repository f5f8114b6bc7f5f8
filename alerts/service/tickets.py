"""What carriers and power companies said about an incident: their ticket, and what they promise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from alerts.choices import IncidentEventKind
from alerts.models import Ticket
from alerts.repository import tell
from alerts.service.problems import note_problems, problem
from alerts.service.reach import incident_of
from hatang import audit, clock
from hatang.auth import Actor, Permission
from hatang.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from alerts.models import Incident
    from hatang.db import AnySession, WriteSession
    from hatang.errors import Problem

LONGEST_WORD: Final = 100
FURTHEST_PROMISE: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class TicketInput:
    """What was said: by whom (`party`), under which number, and when they promise to be done."""

    party: str
    number: str
    promised_at: datetime | None = None
    note: str = ""


def record_ticket(session: WriteSession, actor: Actor, number: int, said: TicketInput) -> Ticket:
    """Write down what a carrier said about incident `number`; what was said before stays.

    A resolved incident may still get its ticket: the number is often asked for afterwards.

    Raises:
        DeniedError: the actor may not acknowledge.
        NotFoundError: there is no such incident within the actor's reach.
        InvalidInputError: a word is missing or too long, or the promised time is impossible; all
            of it at once.
    """
    incident = incident_of(session, actor.acting(Permission.INCIDENT_ACKNOWLEDGE), number)
    problems = [*_problems(said, incident)]
    if problems:
        raise InvalidInputError(problems)
    row = Ticket(
        incident_id=number,
        party=said.party.strip(),
        number=said.number.strip(),
        promised_at=said.promised_at,
        note=said.note,
        actor=actor.name,
        at=clock.now(),
    )
    session.add(row)
    promised = said.promised_at.isoformat() if said.promised_at else None
    told = {"party": row.party, "number": row.number, "promised_at": promised, "note": row.note}
    tell(session, incident, IncidentEventKind.TICKET, actor=actor.name, **told)
    audit.record(session, actor, "incident.ticket", f"incident/{number}", told)
    session.flush()
    return row


def list_tickets(session: AnySession, numbers: Iterable[int]) -> dict[int, list[Ticket]]:
    """Return all that was said about these incidents, by incident, oldest first."""
    rows = select(Ticket).where(Ticket.incident_id.in_(list(numbers))).order_by(Ticket.id)
    found: dict[int, list[Ticket]] = {}
    for row in session.scalars(rows):
        found.setdefault(row.incident_id, []).append(row)
    return found


def standing(tickets: Iterable[Ticket]) -> list[Ticket]:
    """Return the latest of each party: what holds now."""
    return list({row.party: row for row in tickets}.values())


def _problems(said: TicketInput, incident: Incident) -> Iterator[Problem]:
    for field, value in (("party", said.party), ("number", said.number)):
        if not value.strip():
            fix = "Name the carrier." if field == "party" else "Write the number they gave."
            yield problem(field, value, "is empty", fix)
        elif len(value) > LONGEST_WORD:
            fix = f"Write {LONGEST_WORD} characters at most."
            yield problem(field, value[:40], "is too long", fix)
    yield from note_problems("note", said.note)
    at = said.promised_at
    if at is not None and not incident.bad_since < at <= clock.now() + FURTHEST_PROMISE:
        fix = f"Give a time after the fault began, within {FURTHEST_PROMISE.days} days."
        yield problem("promised_at", at.isoformat(), "cannot be meant", fix)
