"""Who worked on incidents, handed shifts over and announced work."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, func, select

from alerts.models import (
    Acknowledgement,
    Handover,
    IncidentEvent,
    Maintenance,
    MaintenanceSeries,
    Silence,
    Ticket,
)
from hatang.audit import AuditSeal
from hatang.audit.persons import pseudonym
from hatang.db.equipment import equipment
from hatang.persons import Held, accounts, hold

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from hatang.db import AnySession, WriteSession

_NAMING: Final = {"open": "owner", "done": "actor"}


@dataclass(frozen=True, slots=True)
class _Handovers:
    """Handovers: both people, and whom the lines of their summaries name."""

    name: str = "alerts.handovers"

    def old(self, session: AnySession, before: datetime) -> int:
        return session.scalar(select(func.count()).where(*self._named(before))) or 0

    def replace(self, session: WriteSession, before: datetime, limit: int) -> int:
        known: set[str] = set(session.scalars(accounts()))
        mark = partial(pseudonym, equipment(session, AuditSeal).key)

        def hide(name: str) -> str:
            return mark(name) if name in known else name

        rows = session.scalars(select(Handover).where(*self._named(before)).limit(limit)).all()
        for row in rows:
            row.actor, row.receiver = hide(row.actor), hide(row.receiver)
            row.summary = _nameless(row.summary, hide)
        session.flush()
        return len(rows)

    def _named(self, before: datetime) -> tuple[ColumnElement[bool], ...]:
        named = Handover.actor.in_(accounts()) | Handover.receiver.in_(accounts())
        return (Handover.at < before, named)


def _nameless(summary: dict[str, Any], hide: Callable[[str], str]) -> dict[str, Any]:
    lines = {
        group: [line | {key: hide(line[key])} for line in summary.get(group, ())]
        for group, key in _NAMING.items()
    }
    return summary | lines


_AT: Final = IncidentEvent.at
_ACTOR: Final = (IncidentEvent.actor,)
hold(_Handovers())
hold(Held("alerts.timeline", IncidentEvent.id, _AT, _ACTOR, IncidentEvent.detail))
hold(Held("alerts.tickets", Ticket.id, Ticket.at, (Ticket.actor,)))
hold(Held("alerts.owners", Acknowledgement.id, Acknowledgement.ends_at, (Acknowledgement.actor,)))
hold(Held("alerts.maintenance", Maintenance.id, Maintenance.ends_at, (Maintenance.created_by,)))
hold(
    Held(
        "alerts.maintenance-series",
        MaintenanceSeries.id,
        MaintenanceSeries.ended_at,
        (MaintenanceSeries.created_by,),
    )
)
hold(Held("alerts.silences", Silence.id, Silence.ends_at, (Silence.created_by,)))
