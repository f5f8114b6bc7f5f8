"""The durable jobs that look what is due, and whether what stands may stand.

Both look in sessions that only read. Who writes waits for nothing but what is really done.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, or_, select

from hatang import clock
from hatang.jobs import JobContext, Scalars, job
from playbooks.choices import ScheduleState
from playbooks.models import PlaybookSchedule
from playbooks.schedules.occurring import is_due, settle
from playbooks.schedules.readiness import undermined
from playbooks.schedules.service import stop

if TYPE_CHECKING:
    from hatang.db import Database

THRICE_A_MINUTE: Final = "10,30,50 * * * * *"
HOURLY: Final = "0 37 * * * *"


@job("playbooks.schedules", cron=THRICE_A_MINUTE)
def look_after_schedules(context: JobContext, args: Scalars) -> Scalars:
    """Settle the times of every schedule, each in a transaction of its own."""
    return context.step("settle", partial(settle_all, context.db))


@job("playbooks.schedules-undermined", cron=HOURLY)
def look_after_rights(context: JobContext, args: Scalars) -> Scalars:
    """Stop schedules whose approval or rights are lost, so that it is told before their time."""
    return context.step("stop", partial(stop_undermined, context.db))


def settle_all(database: Database) -> Scalars:
    """Settle every schedule whose time or whose end has come; returns how many were started."""
    over = and_(
        PlaybookSchedule.state != ScheduleState.ENDED, PlaybookSchedule.ends_at <= clock.now()
    )
    wanted = or_(PlaybookSchedule.state == ScheduleState.STANDING, over)
    with database.read() as session:
        looked_at = session.scalars(select(PlaybookSchedule).where(wanted)).all()
        due = [each.id for each in looked_at if is_due(session, each)]
    started = 0
    for number in due:
        with database.write() as session:
            held = select(PlaybookSchedule).where(PlaybookSchedule.id == number, wanted)
            schedule = session.scalar(held.with_for_update())
            if schedule is not None:
                started += settle(session, schedule)
    return {"schedules": len(looked_at), "started": started}


def stop_undermined(database: Database) -> Scalars:
    """Stop every schedule that may no longer stand; returns how many that were."""
    standing = PlaybookSchedule.state == ScheduleState.STANDING
    with database.read() as session:
        looked_at = session.scalars(select(PlaybookSchedule).where(standing)).all()
        doubtful = [each.id for each in looked_at if undermined(session, each)]
    stopped = 0
    for number in doubtful:
        with database.write() as session:
            held = select(PlaybookSchedule).where(PlaybookSchedule.id == number, standing)
            schedule = session.scalar(held.with_for_update())
            reason = "" if schedule is None else undermined(session, schedule)
            if schedule is not None and reason:
                stop(session, schedule, reason)
                stopped += 1
    return {"schedules": len(looked_at), "stopped": stopped}
