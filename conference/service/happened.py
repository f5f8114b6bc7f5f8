"""What minutes add to who was there: ways measured before and after, what broke meanwhile."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import or_, select

from alerts.models import Incident, IncidentEffect
from conference.choices import Check
from conference.models import ReadinessCheck, ReadinessRun
from conference.service import ways
from hatang import scope
from hatang.auth import Permission
from inventory.models import Bridge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conference.service.meetings import MeetingRow, PointRow
    from hatang.auth import Actor
    from hatang.db import AnySession

_FIGURES: Final = ("n", "loss_ratio", "rtt_seconds", "jitter_forward_seconds",
                   "jitter_backward_seconds", "longest_gap_seconds")  # fmt: skip


def run_after(session: AnySession, meeting: MeetingRow) -> ReadinessRun | None:
    """Return the first look at the meeting after its end."""
    return session.scalar(
        select(ReadinessRun)
        .where(ReadinessRun.meeting_id == meeting.id, ReadinessRun.started_at >= meeting.ends_at)
        .order_by(ReadinessRun.id)
        .limit(1)
    )


def measured(session: AnySession, run: ReadinessRun | None) -> dict[int | None, dict[str, Any]]:
    """Return what a look measured of each room's way, by the room's number; none without packets.

    Of a quick look it is the full one before, which it could only worsen, where there is one.
    """
    if run is None:
        return {}
    statement = select(ReadinessCheck).where(
        ReadinessCheck.run_id == run.id, ReadinessCheck.check == Check.PATH
    )
    found = {}
    for row in session.scalars(statement):
        told = row.measured.get("full") or row.measured
        if told.get("n"):
            own = {name: told.get(name) for name in _FIGURES}
            found[row.room_id] = {"result": row.result, **own}
    return found


def incidents(
    session: AnySession, actor: Actor, meeting: MeetingRow, points: Sequence[PointRow]
) -> dict[str, tuple[str, ...]]:
    """Return by room what broke on its way, at its site or in it while the meeting ran.

    Only of incidents that the actor may know of.
    """
    acting = actor.acting(Permission.INCIDENT_READ)
    statement = (
        select(Incident.id, Incident.element, Incident.name, IncidentEffect.element)
        .outerjoin(IncidentEffect, IncidentEffect.incident_id == Incident.id)
        .where(Incident.opened_at < meeting.ends_at)
        .where(or_(Incident.resolved_at.is_(None), Incident.resolved_at > meeting.starts_at))
        .where(scope.visible(acting, Incident.scope_id))
        .order_by(Incident.id)
    )
    by_element: dict[str, dict[str, None]] = defaultdict(dict)
    for _, own, name, effect in session.execute(statement):
        by_element[own][name] = None
        if effect is not None:
            by_element[effect][name] = None
    if not by_element:
        return {}
    bridge = session.scalars(select(Bridge.id).where(Bridge.code == meeting.bridge)).one()
    drawn = ways.drawn(session, sorted({point.site for point in points}), bridge)
    found = {}
    for point in points:
        passed = (f"room:{point.room}", f"site:{point.site}", *drawn.elements.get(point.site, ()))
        names = dict.fromkeys(name for element in passed for name in by_element.get(element, ()))
        found[point.room] = tuple(names)
    return found
