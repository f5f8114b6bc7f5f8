"""Raises an incident to the next level when nobody took it in time.

Everything follows from times in the database: when people were told, how acknowledgements ended,
and which levels were raised. A worker that was dead for an hour raises then what has become due.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from alerts.choices import IncidentEventKind, IncidentState
from alerts.models import Acknowledgement, Escalation, Incident
from alerts.repository import tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.db import AnySession, WriteSession
    from hatang.settings import EscalationLevel


def level_at(levels: Sequence[EscalationLevel], severity: str, unheeded: timedelta) -> int:
    """Return the level (0: none) of an incident that nobody has heeded for `unheeded`."""
    found = 0
    for number, each in enumerate(levels, 1):
        minutes = {str(name): after for name, after in each.after_minutes.items()}.get(severity)
        if minutes is None or unheeded < timedelta(minutes=minutes):
            break
        found = number
    return found


def raise_due(session: WriteSession, levels: Sequence[EscalationLevel], moment: datetime) -> None:
    """Raise every incident that has waited too long; what was raised stays so until it is over.

    Time counts from when people were told, or from the end of an acknowledgement that lapsed. What
    was told to nobody (effects, announced work) therefore never escalates.
    """
    if not any(each.after_minutes for each in levels):
        return
    least = min(minutes for each in levels for minutes in each.after_minutes.values())
    waiting = select(Incident).where(
        Incident.state != IncidentState.RESOLVED,
        Incident.first_forwarded_at <= moment - timedelta(minutes=least),
    )
    ends = _acknowledged_until(session)
    raised = raised_levels(session)
    for incident in session.scalars(waiting).all():
        end = ends.get(incident.id)
        if incident.first_forwarded_at is None or (end is not None and end > moment):
            continue
        begin = max(incident.first_forwarded_at, end or incident.first_forwarded_at)
        known = raised.get(incident.id, {})
        for level in range(1, level_at(levels, incident.severity, moment - begin) + 1):
            if level not in known:
                session.add(Escalation(incident_id=incident.id, level=level, at=moment))
                tell(session, incident, IncidentEventKind.ESCALATED, level=level)
    session.flush()


def raised_levels(session: AnySession) -> dict[int, dict[int, datetime]]:
    """Return when which level was raised, by incident."""
    found: dict[int, dict[int, datetime]] = {}
    for row in session.scalars(select(Escalation)):
        found.setdefault(row.incident_id, {})[row.level] = row.at
    return found


def _acknowledged_until(session: AnySession) -> dict[int, datetime]:
    """Return when the latest acknowledgement of each incident ends or ended."""
    latest = select(func.max(Acknowledgement.id)).group_by(Acknowledgement.incident_id)
    rows = select(Acknowledgement).where(Acknowledgement.id.in_(latest))
    return {row.incident_id: row.ends_at for row in session.scalars(rows)}
