"""Which incidents the correlation made of what befell some elements."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from alerts.carriers import CARRIER
from alerts.models import Incident, IncidentEffect, Ticket
from hatang import scope

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from alerts.spans import Span
    from hatang.auth import Actor
    from hatang.db import AnySession


@dataclass(frozen=True, slots=True)
class Correlated:
    """An incident that an element was part of; `is_elsewhere`: its cause is another element.

    `ticket` is the carrier's, empty while none is recorded; `ends_at` is None while it is open.
    """

    number: int
    alertname: str
    name: str
    is_elsewhere: bool
    ticket: str
    starts_at: datetime
    ends_at: datetime | None


def correlated(
    session: AnySession, acting: Actor, elements: Collection[str], span: Span
) -> dict[str, list[Correlated]]:
    """Return the incidents of `span` by element, of which it was the cause or an effect."""
    asked = sorted(elements)
    over = or_(Incident.resolved_at.is_(None), Incident.resolved_at > span[0])
    within = scope.visible(acting, Incident.scope_id), Incident.bad_since < span[1], over
    causes = select(Incident).where(*within, Incident.element.in_(asked)).order_by(Incident.id)
    effects = (
        select(Incident, IncidentEffect.element)
        .join(IncidentEffect, IncidentEffect.incident_id == Incident.id)
        .where(*within, IncidentEffect.element.in_(asked))
        .order_by(Incident.id)
    )
    found = [(row, row.element) for row in session.scalars(causes)]
    found += [(row, element) for row, element in session.execute(effects)]
    tickets = _tickets(session, {row.id for row, _ in found})
    by: dict[str, list[Correlated]] = defaultdict(list)
    for row, element in found:
        by[element].append(_told(row, element, tickets.get(row.id, "")))
    return dict(by)


def _told(row: Incident, element: str, ticket: str) -> Correlated:
    return Correlated(
        number=row.id,
        alertname=row.alertname,
        name=row.name,
        is_elsewhere=not _is_of(row, element),
        ticket=ticket,
        starts_at=row.bad_since,
        ends_at=row.resolved_at,
    )


def _is_of(row: Incident, element: str) -> bool:
    """Whether the incident is the element's own; a carrier's is that of each circuit it took."""
    is_taken = row.element.startswith(CARRIER) and element.startswith("circuit:")
    return row.element == element or is_taken


def _tickets(session: AnySession, numbers: Iterable[int]) -> dict[int, str]:
    """Return the ticket last recorded for each incident."""
    of = Ticket.incident_id.in_(sorted(numbers))
    rows = session.execute(select(Ticket.incident_id, Ticket.number).where(of).order_by(Ticket.id))
    return {each.incident_id: each.number for each in rows}
