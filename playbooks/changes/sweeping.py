"""Ends what a lost job left open, so that no change waits for ever.

A push's job may be cancelled before its turn, give up, or die with its worker; then nobody is left
who could say what became of the device. One that was never begun is over. One that was begun is
looked at again by a new job, which reconciles before it acts. A change whose measuring was lost is
paused, and one that waits for its window begins when that opens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from hatang import audit, clock, jobs
from hatang.auth import Actor
from hatang.errors import ConflictError, Reason
from hatang.jobs import JobContext, JobState, Scalars, job
from hatang.jobs.models import JobRun
from playbooks.changes import health, release, waves
from playbooks.changes.authority import authorise
from playbooks.changes.ending import UNDER_WAY, push_key, restore_key, stop
from playbooks.changes.waves import PUSH_JOB, RESTORE_JOB, advance
from playbooks.choices import ChangeState, Phase, TargetState
from playbooks.models import Change, ChangeTarget

if TYPE_CHECKING:
    from hatang.db import WriteSession

EVERY_TWO_MINUTES: Final = "20 */2 * * * *"
ATTEMPTS: Final = 3  # new jobs for a device whose job was lost, before a person must look


@job("playbooks.sweep", cron=EVERY_TWO_MINUTES)
def sweep_changes(context: JobContext, args: Scalars) -> Scalars:
    """Look after running changes whose jobs are over."""
    return context.step("sweep", lambda: _sweep_once(context))


def _sweep_once(context: JobContext) -> Scalars:
    with context.db.write() as session:
        settled = sweep(session)
    with context.db.write() as session:
        begun = begin_scheduled(session)
    with context.db.write() as session:
        look_after_phases(session)
    return {"settled": settled, "begun": begun}


def begin_scheduled(session: WriteSession) -> int:
    """Begin every scheduled change whose window has opened; returns how many."""
    due = (
        select(Change)
        .where(Change.state == ChangeState.SCHEDULED, Change.opens_at <= clock.now())
        .order_by(Change.id)
        .with_for_update()
    )
    begun = 0
    for change in session.scalars(due).all():
        try:
            authorise(session, change)
            release.start(session, change, "its window opened")
        except ConflictError as error:
            change.state = ChangeState.APPROVED
            waves.pause(session, change, error.message)
            change.is_paused = False
            continue
        begun += 1
    return begun


def look_after_phases(session: WriteSession) -> None:
    """Ask for gates that are due, and pause changes whose measuring was lost."""
    waiting = (
        select(Change)
        .where(Change.state == ChangeState.RUNNING)
        .where(Change.phase.in_((Phase.MEASURING, Phase.SOAKING)))
        .with_for_update()
    )
    for change in session.scalars(waiting).all():
        if change.phase == Phase.SOAKING:
            waves.ask_gate(session, change)
        run = session.get(JobRun, waves.phase_key(change))
        if run is not None and run.finished_at is not None:
            health.carry(session, change)  # the next attempt's measuring is another job
            if change.phase == Phase.MEASURING:
                change.phase = ""
            waves.pause(session, change, f"its {run.name} was lost: {run.error or run.state}")


def sweep(session: WriteSession) -> int:
    """Settle every open device of a running change whose job is over; returns how many."""
    stuck = (
        select(ChangeTarget)
        .join(Change, Change.id == ChangeTarget.change_id)
        .where(Change.state == ChangeState.RUNNING, ChangeTarget.state.in_(UNDER_WAY))
        .where(ChangeTarget.attempt > 0)
        .where((ChangeTarget.state != TargetState.PLANNED) | ChangeTarget.requested_at.is_not(None))
        .order_by(ChangeTarget.id)
        .with_for_update(of=Change)
    )
    settled = 0
    for target in session.scalars(stuck).all():
        is_settled = _settle(session, target)
        session.flush()
        if is_settled:
            advance(session, target.change_id)
            settled += 1
    return settled


def _settle(session: WriteSession, target: ChangeTarget) -> bool:
    is_back = target.state == TargetState.REVERTING
    name = restore_key if is_back else push_key
    key = name(target.change_id, target.device_id, target.attempt)
    attempts = [session.get(JobRun, each) for each in [key, *_again(key)]]
    last = next((run for run in reversed(attempts) if run is not None), None)
    if last is not None and last.finished_at is None:
        return False
    actor = Actor.system("sweep")
    detail = {"job": key, "state": target.state}
    audit.record(session, actor, "change.sweep", f"change/{target.change_id}", detail)
    if target.state == TargetState.PLANNED:
        _end(target, last)
        return True
    unused = next(
        (new for new, run in zip(_again(key), attempts[1:], strict=True) if not run), None
    )
    if unused is None:
        text = "its jobs were lost; look at the device"
        stop(target, TargetState.UNKNOWN, Reason.INTERNAL, text)
        return True
    device = f"device/{target.device_id}"
    args = {"target_id": target.id, "attempt": target.attempt}
    job_name = RESTORE_JOB if is_back else PUSH_JOB
    jobs.request(session, job_name, args, key=unused, actor=actor.name, partition=device)
    return True


def _end(target: ChangeTarget, last: JobRun | None) -> None:
    if last is None or last.state == JobState.CANCELLED:
        detail = "its job was cancelled before its turn"
        stop(target, TargetState.CANCELLED, Reason.CANCELLED, detail)
        return
    stop(target, TargetState.FAILED, last.reason or Reason.INTERNAL, "its job ended without it")


def _again(key: str) -> list[str]:
    return [f"{key}/again-{number}" for number in range(1, ATTEMPTS + 1)]
