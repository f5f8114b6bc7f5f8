"""Announced work that comes again: each time is written at once, and may be ended by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from alerts.maintenance import NAMES
from alerts.models import Maintenance, MaintenanceSeries
from alerts.service.maintenance import (
    LONGEST,
    MaintenanceRequest,
    call_off,
    plan_maintenance,
    write_maintenance,
)
from hatang import audit, clock, scope
from hatang.auth import Actor, Permission
from hatang.calendar import recurrence
from hatang.errors import ConflictError, InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from datetime import timedelta

    from alerts.service.maintenance import MaintenancePlan
    from hatang.calendar.recurrence import Rule, Window
    from hatang.db import AnySession, WriteSession


@dataclass(frozen=True, slots=True)
class SeriesRequest:
    """Work on `elements`, named as in a `MaintenanceRequest`, that comes again by `rule`."""

    elements: tuple[str, ...]
    rule: Rule
    reason: str
    zone: str


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """What a series would withhold and when, before anybody announces it."""

    plan: MaintenancePlan
    windows: tuple[Window, ...]


def plan_series(
    session: AnySession, actor: Actor, request: SeriesRequest, longest: timedelta = LONGEST
) -> SeriesPlan:
    """Return what `request` comes to; nothing is announced.

    Raises:
        DeniedError: the actor may not announce work.
        InvalidInputError: the rule, the elements or the reason are wrong; every problem is named.
    """
    wrong = recurrence.problems(request.rule)
    found = [] if wrong else recurrence.windows(request.rule, request.zone)
    moment = clock.now()
    start, end = found[0] if found else (moment, moment + longest)
    once = MaintenanceRequest(request.elements, start, end, request.reason)
    try:
        plan = plan_maintenance(session, actor, once, longest)
    except InvalidInputError as error:
        raise InvalidInputError([*wrong, *error.problems]) from error
    if wrong:
        raise InvalidInputError(wrong)
    return SeriesPlan(plan, tuple(found))


def create_series(
    session: WriteSession, actor: Actor, request: SeriesRequest, longest: timedelta = LONGEST
) -> tuple[MaintenanceSeries, tuple[Maintenance, ...]]:
    """Announce work that comes again, and return it with each time.

    Raises:
        DeniedError, InvalidInputError: as `plan_series`.
    """
    planned = plan_series(session, actor, request, longest)
    series = MaintenanceSeries(
        reason=request.reason,
        scope_id=planned.plan.scope_id,
        rule=_plain(request),
        created_by=actor.name,
        created_at=clock.now(),
    )
    session.add(series)
    session.flush()
    source = f"series/{series.id}"
    rows = tuple(
        write_maintenance(
            session,
            actor,
            replace(planned.plan, starts_at=start, ends_at=end),
            source=source,
            series_id=series.id,
        )
        for start, end in planned.windows
    )
    session.flush()
    told = {"rule": series.rule, "reason": series.reason, "elements": list(planned.plan.elements)}
    audit.record(session, actor, "maintenance.create-series", source, told)
    return series, rows


def get_series(session: AnySession, actor: Actor, number: int) -> MaintenanceSeries:
    """Return series `number`.

    Raises:
        DeniedError: the actor may not read incidents.
        NotFoundError: there is none within the actor's reach.
    """
    return _find(session, actor.acting(Permission.INCIDENT_READ), number)


def end_series(session: WriteSession, actor: Actor, number: int) -> int:
    """End series `number`: what runs ends now, what would come does not; return how many times.

    Raises:
        DeniedError: the actor may not announce work.
        NotFoundError: there is none within the actor's reach.
        ConflictError: it is over.
    """
    series = _find(session, actor.acting(Permission.MAINTENANCE_WRITE), number)
    moment = clock.now()
    left = select(Maintenance).where(Maintenance.series_id == number, Maintenance.ends_at > moment)
    rows = session.scalars(left).all()
    if series.ended_at is not None or not rows:
        raise ConflictError(f"series {number} is over", fix="Nothing is left to end.")
    for row in rows:
        call_off(row, moment)
    series.ended_at = moment
    told = {"times": len(rows)}
    audit.record(session, actor, "maintenance.end-series", f"series/{number}", told)
    session.flush()
    return len(rows)


def _plain(request: SeriesRequest) -> dict[str, Any]:
    return recurrence.plain(request.rule) | {NAMES: list(request.elements)}


def _find(session: AnySession, acting: Actor, number: int) -> MaintenanceSeries:
    visible = scope.visible(acting, MaintenanceSeries.scope_id)
    found = select(MaintenanceSeries).where(MaintenanceSeries.id == number, visible)
    series = session.scalars(found).first()
    if series is None:
        raise NotFoundError(f"there is no series {number}")
    return series
