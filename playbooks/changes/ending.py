"""How a change ends: by its devices, by a person who cancels it, or by looking after a lost job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update

from alerts import maintenance
from hatang import approval, audit, clock, events
from hatang.errors import ConflictError, Reason
from hatang.jobs import runs
from hatang.jobs.models import JobRun
from playbooks.choices import ChangeState, TargetState
from playbooks.models import Change, ChangeTarget

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import WriteSession

OPEN: Final = (TargetState.PLANNED, TargetState.APPLYING)
GOOD: Final = frozenset({TargetState.CONFIRMED, TargetState.UNCHANGED})
TAKEN_BACK: Final = frozenset(
    {TargetState.REVERTED, TargetState.REJECTED, TargetState.UNCHANGED, TargetState.CANCELLED}
)
ENDED: Final = frozenset(
    {ChangeState.DONE, ChangeState.ROLLED_BACK, ChangeState.FAILED, ChangeState.CANCELLED}
)


def push_key(change_id: int, device_id: int) -> str:
    """Return the key of the job that pushes one device of a change."""
    return f"change/{change_id}/push/{device_id}"


def cancel(session: WriteSession, actor: Actor, change: Change) -> list[str]:
    """Cancel what has not begun of `change`; returns the keys of the jobs that were waiting.

    A device whose push has begun goes on to its end, which only the device can tell; the change
    ends with it. Who may do this is the caller's question.

    Raises:
        ConflictError: the change has ended.
    """
    if change.state in ENDED:
        raise ConflictError(f"change {change.id} is {change.state}, there is nothing to cancel")
    if change.state != ChangeState.RUNNING:
        approval.void(session, actor, "change", str(change.id))
    keys = _cancel_waiting(session, change.id, f"cancelled by {actor.name}")
    audit.record(session, actor, "change.cancel", f"change/{change.id}", {"waiting": len(keys)})
    if change.state == ChangeState.RUNNING:
        finish(session, change.id)
    else:
        change.state = ChangeState.CANCELLED
        change.finished_at = clock.now()
    return keys


def _cancel_waiting(session: WriteSession, change_id: int, detail: str) -> list[str]:
    """End the targets that nobody began, and the jobs that wait to begin them."""
    waiting = select(ChangeTarget).where(
        ChangeTarget.change_id == change_id, ChangeTarget.state == TargetState.PLANNED
    )
    keys = []
    for target in session.scalars(waiting.with_for_update()).all():
        stop(target, TargetState.CANCELLED, Reason.CANCELLED, detail)
        key = push_key(change_id, target.device_id)
        if session.get(JobRun, key) is not None:
            keys += runs.cancel(session, key)
    session.flush()
    return keys


def stop(target: ChangeTarget, state: TargetState, reason: str, detail: str) -> None:
    """Write down that nothing more happens to this device, and why."""
    target.state, target.reason, target.detail = state, reason, detail
    target.finished_at = clock.now()


def finish(session: WriteSession, change_id: int) -> None:
    """End a running change once none of its devices is open; its maintenance ends with it."""
    statement = select(ChangeTarget.state).where(ChangeTarget.change_id == change_id)
    states = {TargetState(state) for state in session.scalars(statement)}
    if states & set(OPEN):
        return
    running = update(Change).where(Change.id == change_id, Change.state == ChangeState.RUNNING)
    state = verdict(states)
    finished = running.values(state=state, finished_at=clock.now()).returning(Change.id)
    if session.scalar(finished) is not None:
        maintenance.end(session, f"change/{change_id}", clock.now())
        payload = {"change": change_id, "state": state}
        events.publish(session, "playbooks.change-finished", f"change/{change_id}", payload)


def verdict(states: set[TargetState]) -> ChangeState:
    """Return how a change ended from how its devices did; anything unclear is a failure."""
    if states <= GOOD:
        return ChangeState.DONE
    if TargetState.CANCELLED in states and states <= TAKEN_BACK | GOOD:
        return ChangeState.CANCELLED
    if states <= TAKEN_BACK:
        return ChangeState.ROLLED_BACK
    return ChangeState.FAILED
