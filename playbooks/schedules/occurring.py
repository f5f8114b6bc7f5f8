"""Starting what is due, once: a time of a schedule, its run and its job are one transaction.

Whatever dies before the commit leaves nothing; whatever dies after it finds the time settled. A
time whose window is over is written down as missed, and nothing is ever made up for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from hatang import audit, clock
from hatang.calendar import recurrence
from hatang.errors import ConflictError
from inventory.models import Device
from playbooks.catalogue import playbook
from playbooks.changes.bookings import require_clear
from playbooks.choices import OccurrenceState, RunState, ScheduleState
from playbooks.models import PlaybookRun, PlaybookSchedule, ScheduleOccurrence
from playbooks.runs import service as runs
from playbooks.schedules.binding import SUBJECT
from playbooks.schedules.readiness import SYSTEM, require_ready
from playbooks.schedules.service import stop

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession
    from inventory.rows import DeviceRow

MISSED: Final = "hatang was not there while its window was open"
LATE: Final = "its window was over before the run could begin or go on"
NOT_STANDING: Final = "the schedule was paused or ended before the run could begin or go on"
OVER: Final = "its last day is over"
MOVING: Final = (RunState.PENDING, RunState.RUNNING)


def is_due(session: AnySession, schedule: PlaybookSchedule) -> bool:
    """Tell whether `settle` has anything to do, which takes the writer's lock."""
    now = clock.now()
    return schedule.ends_at <= now or bool(_begun(session, schedule, now))


def settle(session: WriteSession, schedule: PlaybookSchedule) -> int:
    """Write down what was missed, start what is due, or stop the schedule that may not.

    Returns how many runs were started: one at most. The caller holds the schedule's lock.
    """
    now = clock.now()
    due = None
    for opens, closes in _begun(session, schedule, now):
        if closes <= now:
            _note(session, schedule, (opens, closes), OccurrenceState.MISSED, MISSED)
        else:
            due = opens, closes
    if schedule.ends_at <= now:
        schedule.state, schedule.state_reason = ScheduleState.ENDED, OVER
        name = f"{SUBJECT}/{schedule.id}"
        audit.record(session, SYSTEM, "playbook.schedule-end", name, {"reason": OVER})
        return 0
    if due is None:
        return 0
    try:
        ready = require_ready(session, schedule)
    except ConflictError as error:
        stop(session, schedule, error.message)
        _note(session, schedule, due, OccurrenceState.SKIPPED, error.message)
        return 0
    return _start(session, schedule, due, ready)


def _begun(
    session: AnySession, schedule: PlaybookSchedule, now: datetime
) -> list[tuple[datetime, datetime]]:
    """Return the times that have begun since it stands and are not settled, the earliest first."""
    since = schedule.standing_since
    if schedule.state != ScheduleState.STANDING or since is None:
        return []
    settled = set(
        session.scalars(
            select(ScheduleOccurrence.occurs_at)
            .where(ScheduleOccurrence.schedule_id == schedule.id)
            .where(ScheduleOccurrence.occurs_at >= since)
            .where(
                (ScheduleOccurrence.state != OccurrenceState.HELD)
                | (ScheduleOccurrence.closes_at <= now)
            )
        )
    )
    times = recurrence.windows(recurrence.read(schedule.recurrence), schedule.timezone)
    return [each for each in times if since <= each[0] <= now and each[0] not in settled]


def _start(
    session: WriteSession,
    schedule: PlaybookSchedule,
    window: tuple[datetime, datetime],
    ready: tuple[Actor, list[DeviceRow]],
) -> int:
    actor, rows = ready
    before = select(PlaybookRun.id).where(
        PlaybookRun.schedule_id == schedule.id, PlaybookRun.state.in_(MOVING)
    )
    unfinished = session.scalar(before.limit(1))
    if unfinished is not None:
        text = f"run {unfinished} of the time before was not over"
        _note(session, schedule, window, OccurrenceState.SKIPPED, text)
        return 0
    try:
        require_free(session, schedule, [row.id for row in rows])
    except ConflictError as error:
        _note(session, schedule, window, OccurrenceState.HELD, error.message)
        return 0
    run = runs.write_down(
        session,
        actor,
        schedule.playbook,
        [row.name for row in rows],
        check_mode=schedule.is_check_mode,
        parameters=schedule.parameters,
    )
    run.schedule_id, run.approval_id = schedule.id, schedule.approval_id
    runs.queue(session, SYSTEM, run)
    _note(session, schedule, window, OccurrenceState.STARTED, "").run_id = run.id
    detail = {"schedule": schedule.id, "devices": run.devices, "plan_sha256": run.plan_sha256}
    audit.record(session, SYSTEM, "playbook.run", f"run/{run.id}", detail)
    return 1


def require_free(
    session: WriteSession, schedule: PlaybookSchedule, device_ids: Sequence[int]
) -> None:
    """Return when nothing is booked over the devices that a run would write to now.

    Raises:
        ConflictError: naming the booking.
    """
    if playbook(schedule.playbook).writes and not schedule.is_check_mode:
        require_clear(session, device_ids, runs.USUAL_SECONDS)


def _note(
    session: WriteSession,
    schedule: PlaybookSchedule,
    window: tuple[datetime, datetime],
    state: OccurrenceState,
    reason: str,
) -> ScheduleOccurrence:
    """Write down what became of a time; a held one is written over."""
    opens, closes = window
    found = session.scalar(
        select(ScheduleOccurrence).where(
            ScheduleOccurrence.schedule_id == schedule.id, ScheduleOccurrence.occurs_at == opens
        )
    )
    if found is None:
        found = ScheduleOccurrence(schedule_id=schedule.id, occurs_at=opens, closes_at=closes)
        session.add(found)
    elif (found.state, found.reason) == (state, reason):
        return found
    found.state, found.reason = state, reason
    session.flush()
    if state != OccurrenceState.STARTED:
        told = {"at": opens.isoformat(), "reason": reason}
        name = f"{SUBJECT}/{schedule.id}"
        audit.record(session, SYSTEM, f"playbook.schedule-{state}", name, told)
    return found


def admit(session: WriteSession, run: PlaybookRun) -> str:
    """Return why the worker may not begin a run, or go on with it; empty when it may.

    Between the decision and this, hatang may have been down, and anybody may have lost a right.
    A run that a crash cut short goes on within its window only, and is asked the same; its time
    has begun, so what became of that stays as it is.
    """
    if run.schedule_id is None:
        return ""
    schedule = session.get_one(PlaybookSchedule, run.schedule_id, with_for_update=True)
    time = session.scalars(
        select(ScheduleOccurrence).where(ScheduleOccurrence.run_id == run.id)
    ).one()
    window = time.occurs_at, time.closes_at
    if time.closes_at <= clock.now():
        if run.started_at is None:
            _note(session, schedule, window, OccurrenceState.MISSED, MISSED)
        return LATE
    state, reason = _refusal(session, schedule, run)
    if reason and run.started_at is None:
        _note(session, schedule, window, state, reason)
    return reason


def _refusal(
    session: WriteSession, schedule: PlaybookSchedule, run: PlaybookRun
) -> tuple[OccurrenceState, str]:
    """Return what becomes of a time whose run may not begin, and why; no reason when it may."""
    if schedule.state != ScheduleState.STANDING:
        return OccurrenceState.SKIPPED, NOT_STANDING
    try:
        require_ready(session, schedule)
    except ConflictError as error:
        stop(session, schedule, error.message)
        return OccurrenceState.SKIPPED, error.message
    devices = session.scalars(select(Device.id).where(Device.name.in_(run.devices))).all()
    try:
        require_free(session, schedule, devices)
    except ConflictError as error:
        return OccurrenceState.HELD, error.message
    return OccurrenceState.STARTED, ""
