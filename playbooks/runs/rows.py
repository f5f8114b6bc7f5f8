"""What lists and pages show of playbook runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in a list; `summary` is Ansible's recap by device once it ended.

    `outcomes` says of each device whether it is done, failed, unreachable, unfinished or unknown.
    `plan_sha256` is what an approver approves: the text of playbook and roles, the parameters and
    the devices. `schedule_id` names the schedule that started it, if one did.
    """

    id: int
    playbook: str
    devices: tuple[str, ...]
    parameters: dict[str, Any]
    is_check_mode: bool
    state: str
    requester: str
    approver: str | None
    plan_sha256: str | None
    created_at: datetime
    finished_at: datetime | None
    summary: dict[str, Any] | None
    outcomes: dict[str, str] | None
    schedule_id: int | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event of a run."""

    sequence: int
    kind: str
    device: str
    task: str
    detail: dict[str, Any]
    at: datetime
