"""What a person does to a change that runs or has run: pause, resume, cancel, retry, roll back."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from hatang import approval, audit
from hatang.auth import Permission
from hatang.errors import ConflictError
from hatang.jobs import runs
from hatang.jobs.models import JobRun
from playbooks.changes import bookings, waves
from playbooks.changes.authority import authorise, held
from playbooks.changes.ending import ENDED, push_key
from playbooks.changes.lines import tell
from playbooks.changes.planning import APPROVAL_KINDS
from playbooks.choices import ChangeState, Phase, TargetState
from playbooks.models import Change, ChangeTarget

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import WriteSession

# What is certainly as it was before, so that the same push may be tried again.
RETRIABLE: Final = (
    TargetState.FAILED,
    TargetState.REVERTED,
    TargetState.REJECTED,
    TargetState.CANCELLED,
)


def cancel(session: WriteSession, actor: Actor, change_id: int) -> list[str]:
    """Cancel the change as far as it has not begun; returns the keys of the jobs that waited.

    A device whose push has begun goes on to its end, which only the device can tell; the change
    ends with it.

    Raises:
        DeniedError: the actor may not ask for changes on all of its devices.
        ConflictError: the change has ended.
    """
    return cancel_held(session, actor, held(session, actor, change_id, Permission.CHANGE_REQUEST))


def cancel_held(session: WriteSession, actor: Actor, change: Change) -> list[str]:
    """Do `cancel` to a change; who may do this is the caller's question."""
    if change.state in ENDED:
        raise ConflictError(f"change {change.id} is {change.state}, there is nothing to cancel")
    if change.state != ChangeState.RUNNING:
        for kind in APPROVAL_KINDS:
            approval.void(session, actor, kind, str(change.id))
    waiting = waves.cancel_waiting(session, change, f"cancelled by {actor.name}")
    keys = _cancel_jobs(session, waiting)
    audit.record(session, actor, "change.cancel", f"change/{change.id}", {"waiting": len(keys)})
    tell(session, change.id, "cancelled", actor.name)
    if change.state == ChangeState.RUNNING:
        change.is_paused = False
        if change.phase:
            waves.advance(session, change.id)
        else:
            waves.begin_next(session, change)
    else:
        change.state = ChangeState.CANCELLED
        waves.end(change)
    return keys


def pause(session: WriteSession, actor: Actor, change_id: int) -> None:
    """Let no further device begin; those under way go on to their end.

    Raises:
        DeniedError: the actor may not execute changes on all of its devices.
        ConflictError: the change is not running, or is paused already.
    """
    change = held(session, actor, change_id, Permission.CHANGE_EXECUTE)
    if change.state != ChangeState.RUNNING or change.is_paused:
        raise ConflictError(f"change {change_id} is not running on its own now")
    waves.pause(session, change, f"paused by {actor.name}")
    asked = [
        target
        for target in _targets(session, change)
        if target.state == TargetState.PLANNED and target.requested_at is not None
    ]
    _cancel_jobs(session, asked)
    for target in asked:
        target.requested_at = None
    audit.record(session, actor, "change.pause", f"change/{change_id}", {})


def resume(session: WriteSession, actor: Actor, change_id: int) -> list[str]:
    """Let a paused change go on; returns the keys of the pushes that were asked for.

    Raises:
        DeniedError: the actor may not execute changes on all of its devices.
        ConflictError: it is not paused, or its approval has run out.
    """
    change = held(session, actor, change_id, Permission.CHANGE_EXECUTE)
    if change.state != ChangeState.RUNNING or not change.is_paused:
        raise ConflictError(f"change {change_id} is not paused")
    authorise(session, change)
    change.is_paused, change.pause_reason = False, ""
    audit.record(session, actor, "change.resume", f"change/{change_id}", {})
    tell(session, change.id, "resumed", actor.name)
    if change.phase == Phase.PUSHING:
        keys = waves.request_pushes(session, change)
        if not keys:
            waves.advance(session, change.id)
        return keys
    return [] if change.phase else waves.begin_next(session, change)


def retry(session: WriteSession, actor: Actor, change_id: int) -> list[str]:
    """Try again, under the same approval, only what certainly holds its old configuration.

    A device of which nobody knows what it holds is not among them.

    Raises:
        DeniedError: the actor may not execute changes on all of its devices.
        ConflictError: the change is under way, nothing in it failed, or its approval ran out.
    """
    change = held(session, actor, change_id, Permission.CHANGE_EXECUTE)
    is_waiting = change.state == ChangeState.RUNNING and change.is_paused and not change.phase
    if not is_waiting and change.state not in ENDED:
        raise ConflictError(
            f"change {change_id} is under way", fix="Retry when it has stopped or ended."
        )
    authorise(session, change)
    again = [target for target in _targets(session, change) if target.state in RETRIABLE]
    if not again or change.started_at is None:
        raise ConflictError(f"change {change_id} has no device that could be tried again")
    for target in again:
        target.state = TargetState.PLANNED
        target.commit_id = f"hatang-{change.id}-{uuid.uuid4().hex[:8]}"
        target.armed_at = target.armed_identity = target.requested_at = None
        target.started_at = target.finished_at = None
        target.reason = target.detail = ""
    change.state, change.finished_at = ChangeState.RUNNING, None
    change.is_paused, change.pause_reason = False, ""
    change.round += 1
    session.flush()
    audit.record(session, actor, "change.retry", f"change/{change_id}", {"devices": len(again)})
    tell(session, change.id, "retried", f"{actor.name}: {len(again)} devices")
    return waves.begin_next(session, change)


def roll_back(session: WriteSession, actor: Actor, change_id: int) -> list[str]:
    """Give every device that holds the change its old configuration back, the last wave first.

    Nothing further begins. A device that was changed since by somebody else is left alone.
    Returns the keys of the jobs of the last wave.

    Raises:
        DeniedError: the actor may not execute changes on all of its devices.
        ConflictError: no device holds it, devices are under way, or the change has ended and
            something is booked where they stand.
    """
    change = held(session, actor, change_id, Permission.CHANGE_EXECUTE)
    if change.started_at is None or change.phase in {Phase.PUSHING, Phase.REVERTING}:
        raise ConflictError(
            f"change {change_id} cannot be rolled back now", fix="Pause or cancel it first."
        )
    last = session.scalar(
        select(func.max(ChangeTarget.wave)).where(
            ChangeTarget.change_id == change_id, ChangeTarget.state == TargetState.CONFIRMED
        )
    )
    if last is None:
        raise ConflictError(f"no device holds change {change_id}")
    if change.finished_at is not None:  # a running change's damage is undone whatever is booked
        holding = [
            target.device_id
            for target in _targets(session, change)
            if target.state == TargetState.CONFIRMED
        ]
        bookings.require_clear(session, holding, change.revert_seconds)
    _cancel_jobs(session, waves.cancel_waiting(session, change, f"rolled back by {actor.name}"))
    change.state, change.finished_at = ChangeState.RUNNING, None
    change.is_paused, change.pause_reason = False, ""
    change.is_rolling_back = True
    audit.record(session, actor, "change.roll-back", f"change/{change_id}", {"wave": last})
    return waves.take_back(session, change, last, f"rolled back by {actor.name}")


def _cancel_jobs(session: WriteSession, targets: list[ChangeTarget]) -> list[str]:
    keys = []
    for target in targets:
        key = push_key(target.change_id, target.device_id, target.attempt)
        if target.attempt and session.get(JobRun, key) is not None:
            keys += runs.cancel(session, key)
    return keys


def _targets(session: WriteSession, change: Change) -> list[ChangeTarget]:
    statement = select(ChangeTarget).where(ChangeTarget.change_id == change.id)
    return list(session.scalars(statement.order_by(ChangeTarget.id).with_for_update()))
