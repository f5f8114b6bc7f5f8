"""The durable job that looks what is due, three times a minute."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, or_, select

from hatang import clock
from hatang.jobs import JobContext, Scalars, job
from playbooks.choices import ScheduleState
from playbooks.models import PlaybookSchedule
from playbooks.schedules.occurring import settle

if TYPE_CHECKING:
    from hatang.db import Database

THRICE_A_MINUTE: Final = "10,30,50 * * * * *"


@job("playbooks.schedules", cron=THRICE_A_MINUTE)
def look_after_schedules(context: JobContext, args: Scalars) -> Scalars:
    """Settle the times of every schedule, each in a transaction of its own."""
    return context.step("settle", partial(settle_all, context.db))


def settle_all(database: Database) -> Scalars:
    """Settle every schedule that stands or whose last day is over; returns what was started."""
    over = and_(
        PlaybookSchedule.state != ScheduleState.ENDED, PlaybookSchedule.ends_at <= clock.now()
    )
    wanted = or_(PlaybookSchedule.state == ScheduleState.STANDING, over)
    with database.read() as session:
        numbers = session.scalars(select(PlaybookSchedule.id).where(wanted)).all()
    started = 0
    for number in numbers:
        with database.write() as session:
            held = select(PlaybookSchedule).where(PlaybookSchedule.id == number, wanted)
            schedule = session.scalar(held.with_for_update())
            if schedule is not None:
                started += settle(session, schedule)
    return {"schedules": len(numbers), "started": started}
