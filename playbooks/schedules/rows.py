"""What lists and pages show of schedules and their times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class OccurrenceRow:
    """What became of one time of a schedule; `run_state` where it started the run `run_id`."""

    occurs_at: datetime
    closes_at: datetime
    state: str
    reason: str
    run_id: int | None
    run_state: str | None


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """A schedule in a list; `next_at` is None unless it stands and comes again.

    `plan_sha256` is what an approver approves: texts, parameters, targets and timing. `recurrence`
    is in the local time of `timezone`.
    """

    id: int
    playbook: str
    parameters: dict[str, Any]
    is_check_mode: bool
    targets: dict[str, list[str]]
    recurrence: dict[str, Any]
    timezone: str
    reason: str
    state: str
    state_reason: str
    requester: str
    approver: str | None
    approval_comment: str
    plan_sha256: str
    created_at: datetime
    ends_at: datetime
    next_at: datetime | None
    last: OccurrenceRow | None
