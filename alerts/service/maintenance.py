"""What people do with announced work: announce it, look at it, end it early."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from alerts import naming
from alerts.maintenance import MANUAL
from alerts.models import Maintenance
from alerts.service.problems import note_problems, problem
from hatang import audit, clock, scope
from hatang.auth import Actor, Permission
from hatang.errors import ConflictError, InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from hatang.db import AnySession, WriteSession
    from hatang.errors import Problem

LONGEST: Final = timedelta(days=30)
"""Unless settings say otherwise: longer is no work but a device to take out of service."""


@dataclass(frozen=True, slots=True)
class MaintenanceRequest:
    """Work on `elements` from `starts_at` to `ends_at`.

    An element is `kind:key`; device names, `site:SLUG` and `circuit:CID` are understood too.
    `notice` is the text by which a carrier or power company announced it.
    """

    elements: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    reason: str
    source: str = MANUAL
    notice: str = ""


@dataclass(frozen=True, slots=True)
class MaintenancePlan:
    """What an announcement would withhold, before anybody makes it."""

    elements: tuple[str, ...]
    scope_id: int | None
    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class MaintenancePage:
    """Announced works of one page, and how many there are in all."""

    maintenances: tuple[Maintenance, ...]
    total: int


def plan_maintenance(
    session: AnySession, actor: Actor, request: MaintenanceRequest, longest: timedelta = LONGEST
) -> MaintenancePlan:
    """Return what `request` comes to; nothing is announced.

    Raises:
        DeniedError: the actor may not announce work.
        InvalidInputError: elements, window or reason are wrong, the window is longer than
            `longest`, or an element is out of the actor's reach; every problem is named.
    """
    acting = actor.acting(Permission.MAINTENANCE_WRITE)
    problems: list[Problem] = []
    found: dict[str, int | None] = {}
    if not request.elements:
        problems.append(problem("elements", "", "names nothing", "Name one at least."))
    for each in request.elements:
        meant = naming.meant(session, each)
        if not meant or not all(scope.reaches(session, acting, one) for one in meant.values()):
            # Beyond one's reach it is as if it were not there.
            fix = "Name a device, site:SLUG, circuit:CID, or kind:key as an incident shows it."
            problems.append(problem("elements", each, "is nothing that is watched", fix))
        found |= meant
    problems += note_problems("reason", request.reason, "Say what is done.")
    problems += _window_problems(request, longest)
    if problems:
        raise InvalidInputError(problems)
    reached = set(found.values())
    return MaintenancePlan(
        elements=tuple(sorted(found)),
        scope_id=reached.pop() if len(reached) == 1 else None,
        starts_at=request.starts_at,
        ends_at=request.ends_at,
        reason=request.reason,
    )


def _window_problems(request: MaintenanceRequest, longest: timedelta) -> list[Problem]:
    shown = request.ends_at.isoformat()
    if request.ends_at <= request.starts_at:
        return [problem("ends_at", shown, "is not after the start", "Move it.")]
    if request.ends_at - request.starts_at > longest:
        days = longest / timedelta(days=1)
        fix = f"End it within {days:g} days and announce again, or raise alerts.maintenance_days."
        return [problem("ends_at", shown, f"is more than {days:g} days after the start", fix)]
    return []


def create_maintenance(
    session: WriteSession, actor: Actor, request: MaintenanceRequest, longest: timedelta = LONGEST
) -> Maintenance:
    """Announce work; what begins in its window is withheld from notification.

    Nothing that was announced before is silenced, and nothing is withheld from measurement.

    Raises:
        DeniedError: the actor may not announce work.
        InvalidInputError: as `plan_maintenance`.
    """
    plan = plan_maintenance(session, actor, request, longest)
    row = write_maintenance(session, actor, plan, source=request.source, notice=request.notice)
    session.flush()
    detail = {"elements": row.elements, "reason": row.reason, "ends_at": row.ends_at.isoformat()}
    audit.record(session, actor, "maintenance.create", f"maintenance/{row.id}", detail)
    return row


def write_maintenance(
    session: WriteSession,
    actor: Actor,
    plan: MaintenancePlan,
    *,
    source: str,
    notice: str = "",
    series_id: int | None = None,
) -> Maintenance:
    """Write down a plan that was checked."""
    row = Maintenance(
        reason=plan.reason,
        elements=list(plan.elements),
        scope_id=plan.scope_id,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        source=source,
        notice=notice,
        series_id=series_id,
        created_by=actor.name,
        created_at=clock.now(),
    )
    session.add(row)
    return row


def call_off(row: Maintenance, moment: datetime) -> None:
    """End work at `moment`, also where it has not begun: it then never covered anything."""
    row.starts_at, row.ends_at = min(row.starts_at, moment), moment


def list_maintenances(
    session: AnySession,
    actor: Actor,
    *,
    is_over: bool = False,
    limit: int = 100,
    offset: int = 0,
) -> MaintenancePage:
    """Return announced works that run or will run, the latest first; with `is_over` all of them.

    Raises:
        DeniedError: the actor may not read incidents.
    """
    acting = actor.acting(Permission.INCIDENT_READ)
    seen = [scope.visible(acting, Maintenance.scope_id)]
    if not is_over:
        seen.append(Maintenance.ends_at > clock.now())
    total = session.scalar(select(func.count()).select_from(Maintenance).where(*seen)) or 0
    order = (Maintenance.starts_at.desc(), Maintenance.id.desc())
    rows = session.scalars(
        select(Maintenance).where(*seen).order_by(*order).limit(limit).offset(offset)
    )
    return MaintenancePage(tuple(rows), total)


def get_maintenance(session: AnySession, actor: Actor, number: int) -> Maintenance:
    """Return announced work `number`.

    Raises:
        DeniedError: the actor may not read incidents.
        NotFoundError: there is none within the actor's reach.
    """
    return _find(session, actor.acting(Permission.INCIDENT_READ), number)


def end_maintenance(session: WriteSession, actor: Actor, number: int) -> Maintenance:
    """End work `number` now, or call it off before it began: what is bad then is told.

    Raises:
        DeniedError: the actor may not announce work.
        NotFoundError: there is no such work within the actor's reach.
        ConflictError: it is over.
    """
    row = _find(session, actor.acting(Permission.MAINTENANCE_WRITE), number)
    moment = clock.now()
    if row.ends_at <= moment:
        raise ConflictError(f"maintenance {number} is over", fix="Nothing is left to end.")
    call_off(row, moment)
    audit.record(session, actor, "maintenance.end", f"maintenance/{number}")
    session.flush()
    return row


def _find(session: AnySession, acting: Actor, number: int) -> Maintenance:
    row = session.scalars(
        select(Maintenance)
        .where(Maintenance.id == number)
        .where(scope.visible(acting, Maintenance.scope_id))
    ).first()
    if row is None:
        raise NotFoundError(f"there is no maintenance {number}")
    return row
