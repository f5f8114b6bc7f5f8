"""What lies above somebody's reach and cuts off what lies within it: no more than they need.

Who sees one commune does not see the incident of its hub. What it is, since when, whether somebody
works on it and whom to call stands here: the cause by its name, and the desk or the few people that
answer for it with their telephones. Other places that it hits, and their people, do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from alerts.choices import Impact, IncidentState
from alerts.desks import desks
from alerts.models import Incident, IncidentEffect
from alerts.service.tickets import list_tickets, standing
from hatang import scope
from hatang.auth import Actor, Permission
from inventory import service as inventory

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from hatang.db import AnySession
    from inventory.service import Responsible

MOST: Final = 8
PEOPLE: Final = 3
_BY: Final = "hatang"


@dataclass(frozen=True, slots=True)
class CauseAbove:
    """A cause out of reach that `hit` suffers from, which is within it.

    `party` and `hotline` are the carrier's or power company's that answers for the cause, empty
    where it is our own; then `people` are those in charge of it. `promised_at` is the latest time
    that was promised, None where none was.
    """

    name: str
    alertname: str
    severity: str
    bad_since: datetime
    is_taken: bool
    promised_at: datetime | None
    party: str
    hotline: str
    people: tuple[Responsible, ...]
    hit: tuple[IncidentEffect, ...]


def causes_above(session: AnySession, actor: Actor) -> tuple[CauseAbove, ...]:
    """Return the open causes above the actor's reach that cut off something in it, newest first.

    Raises:
        DeniedError: the actor may not read incidents.
    """
    acting = actor.acting(Permission.INCIDENT_READ)
    if acting.scope_ids is None:
        return ()
    mine = scope.visible(acting, IncidentEffect.scope_id)
    own = select(Incident.id).where(scope.visible(acting, Incident.scope_id))
    suffering = select(IncidentEffect.incident_id).where(mine, IncidentEffect.impact == Impact.DOWN)
    found = session.scalars(
        select(Incident)
        .where(Incident.state != IncidentState.RESOLVED)
        .where(Incident.id.in_(suffering), Incident.id.not_in(own))
        .order_by(Incident.id.desc())
        .limit(MOST)
    ).all()
    numbers = [each.id for each in found]
    rows = (
        select(IncidentEffect)
        .where(IncidentEffect.incident_id.in_(numbers), mine)
        .where(IncidentEffect.impact == Impact.DOWN)
        .order_by(IncidentEffect.kind, IncidentEffect.name)
    )
    hit: dict[int, list[IncidentEffect]] = {}
    for effect in session.scalars(rows):
        hit.setdefault(effect.incident_id, []).append(effect)
    return tuple(_told(session, each, hit.get(each.id, ())) for each in found)


def _told(session: AnySession, incident: Incident, hit: Sequence[IncidentEffect]) -> CauseAbove:
    desk = desks(session, {incident.element}).get(incident.element)
    said = standing(list_tickets(session, [incident.id]).get(incident.id, ()))
    promised = [each.promised_at for each in said if each.promised_at]
    people: tuple[Responsible, ...] = ()
    if desk is None and incident.site:
        # Who answers for the cause is whom to call, whoever asks; nothing else of them is told.
        everywhere = Actor.system(_BY)
        people = inventory.list_responsible(session, everywhere, sites=[incident.site])[:PEOPLE]
    return CauseAbove(
        name=incident.name,
        alertname=incident.alertname,
        severity=incident.severity,
        bad_since=incident.bad_since,
        is_taken=incident.state == IncidentState.ACKNOWLEDGED,
        promised_at=max(promised, default=None),
        party=desk.carrier if desk else "",
        hotline=desk.hotline if desk else "",
        people=people,
        hit=tuple(hit),
    )
