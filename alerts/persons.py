"""Who worked on incidents, handed shifts over and announced work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, and_, or_

from alerts.models import (
    Acknowledgement,
    Handover,
    IncidentEvent,
    Maintenance,
    MaintenanceSeries,
    Silence,
    Ticket,
)
from hatang.persons import Held, OfAccounts, accounts, hold, mentions

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_NAMING: Final = {"open": "owner", "done": "actor"}


class _Handovers(OfAccounts):
    """Handovers: both people, and whom the lines of their summaries name."""

    def naming(self, before: datetime) -> ColumnElement[bool]:
        named = Handover.actor.in_(accounts()) | Handover.receiver.in_(accounts())
        return and_(Handover.at < before, named)

    def naming_account(self, name: str) -> ColumnElement[bool]:
        columns = (Handover.actor == name, Handover.receiver == name)
        return or_(*columns, mentions(Handover.summary, name))

    def rewrite(self, hide: Callable[[str], str], row: Handover) -> None:
        row.actor, row.receiver = hide(row.actor), hide(row.receiver)
        row.summary = _nameless(row.summary, hide)


def _nameless(summary: dict[str, Any], hide: Callable[[str], str]) -> dict[str, Any]:
    lines = {
        group: [line | {key: hide(line[key])} for line in summary.get(group, ())]
        for group, key in _NAMING.items()
    }
    return summary | lines


_AT: Final = IncidentEvent.at
_ACTOR: Final = (IncidentEvent.actor,)
hold(_Handovers("alerts.handovers", Handover.id))
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
