"""How a change ends, by how its devices did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hatang import clock
from playbooks.choices import ChangeState, TargetState

if TYPE_CHECKING:
    from playbooks.models import ChangeTarget

OPEN: Final = (TargetState.PLANNED, TargetState.APPLYING)
UNDER_WAY: Final = (*OPEN, TargetState.REVERTING)
GOOD: Final = frozenset({TargetState.CONFIRMED, TargetState.UNCHANGED})
TAKEN_BACK: Final = frozenset(
    {TargetState.REVERTED, TargetState.REJECTED, TargetState.UNCHANGED, TargetState.CANCELLED}
)
ENDED: Final = frozenset(
    {ChangeState.DONE, ChangeState.ROLLED_BACK, ChangeState.FAILED, ChangeState.CANCELLED}
)


def push_key(change_id: int, device_id: int, attempt: int = 1) -> str:
    """Return the key of the job that pushes one device of a change, for the nth time."""
    key = f"change/{change_id}/push/{device_id}"
    return key if attempt <= 1 else f"{key}/try-{attempt}"


def restore_key(change_id: int, device_id: int, attempt: int) -> str:
    """Return the key of the job that takes back what the nth push confirmed."""
    return f"change/{change_id}/restore/{device_id}/try-{attempt}"


def stop(target: ChangeTarget, state: TargetState, reason: str, detail: str) -> None:
    """Write down that nothing more happens to this device, and why."""
    target.state, target.reason, target.detail = state, reason, detail
    target.finished_at = clock.now()


def verdict(states: set[TargetState]) -> ChangeState:
    """Return how a change ended from how its devices did; anything unclear is a failure."""
    if states <= GOOD:
        return ChangeState.DONE
    if TargetState.CANCELLED in states and states <= TAKEN_BACK | GOOD:
        return ChangeState.CANCELLED
    if states <= TAKEN_BACK:
        return ChangeState.ROLLED_BACK
    return ChangeState.FAILED
