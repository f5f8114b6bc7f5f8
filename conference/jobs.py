"""Each minute: the meetings whose time to be looked at has come, and those that just ended."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from conference.choices import MeetingState, Trigger
from conference.models import Meeting
from conference.service.bridges import Ways
from conference.service.checking import check_readiness
from conference.service.known import Terms
from hatang import clock, jobs
from hatang.auth import Actor
from hatang.jobs import JobContext, Scalars, job

if TYPE_CHECKING:
    from datetime import datetime

    from hatang.db import AnySession

LOOK: Final = "conference.look"
EACH_MINUTE: Final = "0 * * * * *"
BEFORE: Final = {
    Trigger.DAY: timedelta(hours=24),
    Trigger.HOUR: timedelta(minutes=60),
    Trigger.QUARTER: timedelta(minutes=15),
    Trigger.LAST: timedelta(minutes=5),
}


AFTER: Final = timedelta(minutes=15)
"""So long after its end the ways of a meeting are measured once more, for its minutes."""


def due(session: AnySession, now: datetime) -> list[tuple[int, Trigger, datetime]]:
    """Return which meetings are to be looked at now, the next one first, why, and when they begin.

    Only the latest look that is due counts: one planned ten minutes before begins with T-15m. A
    look that was missed, as by a stopped worker, is made up for as long as the next is not due.
    """
    statement = (
        select(Meeting.id, Meeting.starts_at)
        .where(Meeting.state == MeetingState.PLANNED, Meeting.starts_at > now)
        .where(Meeting.starts_at <= now + BEFORE[Trigger.DAY])
        .order_by(Meeting.starts_at, Meeting.id)
    )
    before = [
        (number, latest(starts_at - now), starts_at)
        for number, starts_at in session.execute(statement)
    ]
    ended = (
        select(Meeting.id, Meeting.starts_at)
        .where(Meeting.state == MeetingState.PLANNED)
        .where(Meeting.ends_at <= now, Meeting.ends_at > now - AFTER)
        .order_by(Meeting.ends_at, Meeting.id)
    )
    after = [(number, Trigger.AFTER, starts_at) for number, starts_at in session.execute(ended)]
    return before + after


def latest(left: timedelta) -> Trigger:
    """Return the look that is due with so much time left, at most a day."""
    return min(
        (trigger for trigger, before in BEFORE.items() if left <= before), key=BEFORE.__getitem__
    )


@job("conference.schedule", cron=EACH_MINUTE)
def schedule(context: JobContext, args: Scalars) -> Scalars:
    """Ask for the looks that are due; each is asked for once, whenever the meeting begins."""
    return context.step("ask", partial(_ask, context))


def _ask(context: JobContext) -> Scalars:
    with context.db.write() as session:
        wanted = due(session, clock.now())
        for number, trigger, starts_at in wanted:
            key = f"readiness/{number}/{trigger}/{starts_at:%Y%m%dT%H%M%SZ}"
            jobs.request(session, LOOK, {"meeting": number, "trigger": trigger}, key=key)
    return {"due": len(wanted)}


@job(LOOK)
def look(context: JobContext, args: Scalars) -> Scalars:
    """Look at the meeting `args["meeting"]`."""
    return context.step("look", partial(_look, context, args))


def _look(context: JobContext, args: Scalars) -> Scalars:
    settings = context.settings
    with context.db.read() as session:
        uid = session.scalar(select(Meeting.uid).where(Meeting.id == args["meeting"]))
    if uid is None:
        return {"ready": None}
    verdict = check_readiness(
        context.db,
        Actor.system("conference"),
        uid,
        ways=Ways.of(settings),
        terms=Terms.of(settings),
        trigger=Trigger(str(args["trigger"])),
    )
    return {"ready": verdict.ready, "total": verdict.total}
