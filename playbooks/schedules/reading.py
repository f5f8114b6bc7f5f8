"""Lists of schedules, single ones, and what became of their times, as an actor may see them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from sqlalchemy import Select, func, select

from hatang import clock, scope
from hatang.approval import Approval
from hatang.auth import Permission
from hatang.calendar import recurrence
from hatang.errors import NotFoundError
from inventory.pages import Order, fetch
from inventory.rows import FIRST_PAGE
from playbooks.choices import ScheduleState
from playbooks.models import PlaybookRun, PlaybookSchedule, ScheduleOccurrence
from playbooks.schedules.rows import OccurrenceRow, ScheduleRow

if TYPE_CHECKING:
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.rows import Page, Query

SCHEDULES: Final = Order(
    {
        "id": PlaybookSchedule.id,
        "playbook": PlaybookSchedule.playbook,
        "state": PlaybookSchedule.state,
        "requester": PlaybookSchedule.requester,
        "ends_at": PlaybookSchedule.ends_at,
    },
    (PlaybookSchedule.id.desc(),),
)
OCCURRENCES: Final = Order(
    {"occurs_at": ScheduleOccurrence.occurs_at, "state": ScheduleOccurrence.state},
    (ScheduleOccurrence.occurs_at.desc(),),
)


def list_schedules(
    session: AnySession, actor: Actor, query: Query = FIRST_PAGE
) -> Page[ScheduleRow]:
    """Return schedules, newest first; raises InvalidInputError for an unknown column."""
    return fetch(session, _visible(actor), SCHEDULES, query, partial(_row, clock.now()))


def get_schedule(session: AnySession, actor: Actor, number: int) -> ScheduleRow:
    """Return one schedule; raises NotFoundError."""
    found = session.execute(_visible(actor).where(PlaybookSchedule.id == number)).first()
    if found is None:
        raise NotFoundError(f"there is no schedule {number}")
    return _row(clock.now(), *found)


def list_occurrences(
    session: AnySession, actor: Actor, number: int, query: Query = FIRST_PAGE
) -> Page[OccurrenceRow]:
    """Return what became of a schedule's times, the latest first; raises NotFoundError."""
    get_schedule(session, actor, number)
    statement = (
        select(ScheduleOccurrence, PlaybookRun.state)
        .outerjoin(PlaybookRun, PlaybookRun.id == ScheduleOccurrence.run_id)
        .where(ScheduleOccurrence.schedule_id == number)
    )
    return fetch(session, statement, OCCURRENCES, query, _occurrence)


def _visible(
    actor: Actor,
) -> Select[PlaybookSchedule, Approval | None, ScheduleOccurrence | None, str | None]:
    acting = actor.acting(Permission.CHANGE_READ)
    latest = (
        select(func.max(ScheduleOccurrence.occurs_at))
        .where(ScheduleOccurrence.schedule_id == PlaybookSchedule.id)
        .correlate(PlaybookSchedule)
        .scalar_subquery()
    )
    return (
        select(PlaybookSchedule, Approval, ScheduleOccurrence, PlaybookRun.state)
        .outerjoin(Approval, Approval.id == PlaybookSchedule.approval_id)
        .outerjoin(
            ScheduleOccurrence,
            (ScheduleOccurrence.schedule_id == PlaybookSchedule.id)
            & (ScheduleOccurrence.occurs_at == latest),
        )
        .outerjoin(PlaybookRun, PlaybookRun.id == ScheduleOccurrence.run_id)
        .where(scope.visible(acting, PlaybookSchedule.scope_id))
    )


def _row(
    now: datetime,
    schedule: PlaybookSchedule,
    given: Approval | None,
    last: ScheduleOccurrence | None,
    run_state: str | None,
) -> ScheduleRow:
    return ScheduleRow(
        id=schedule.id,
        playbook=schedule.playbook,
        parameters=schedule.parameters,
        is_check_mode=schedule.is_check_mode,
        targets=schedule.targets,
        recurrence=schedule.recurrence,
        timezone=schedule.timezone,
        reason=schedule.reason,
        state=schedule.state,
        state_reason=schedule.state_reason,
        requester=schedule.requester,
        approver=given.decided_by if given else None,
        approval_comment=given.comment if given else "",
        plan_sha256=schedule.plan_sha256,
        created_at=schedule.created_at,
        ends_at=schedule.ends_at,
        next_at=_next(schedule, now),
        last=_occurrence(last, run_state) if last else None,
    )


def _next(schedule: PlaybookSchedule, now: datetime) -> datetime | None:
    if schedule.state != ScheduleState.STANDING:
        return None
    times = recurrence.windows(recurrence.read(schedule.recurrence), schedule.timezone)
    return next((start for start, _end in times if start > now), None)


def _occurrence(one: ScheduleOccurrence, run_state: str | None) -> OccurrenceRow:
    return OccurrenceRow(
        occurs_at=one.occurs_at,
        closes_at=one.closes_at,
        state=one.state,
        reason=one.reason,
        run_id=one.run_id,
        run_state=run_state,
    )
