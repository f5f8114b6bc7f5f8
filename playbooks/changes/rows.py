"""What lists and pages show of changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change set in a list."""

    id: int
    title: str
    reason: str
    state: str
    requester: str
    approver: str | None
    plan_sha256: str | None
    approval_id: int | None
    revert_seconds: int
    created_at: datetime
    finished_at: datetime | None
    targets: int


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One device of a change."""

    device_id: int
    device: str
    state: str
    safety: str
    reason: str
    detail: str
    diff_sha256: str | None
    before_version_id: int | None
    after_version_id: int | None


@dataclass(frozen=True, slots=True)
class DoubtRow:
    """A device that a push left in doubt; `commit_id` is the name of what it tried to commit."""

    change: int
    device: str
    state: str
    reason: str
    detail: str
    commit_id: str
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class DiffGroup:
    """Devices that get the same lines and change alike; both texts are redacted.

    `diff` is what the devices computed; empty means that nothing will change, or no plan yet.
    """

    rendered: str
    diff: str
    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangeDetail:
    """A change set with its devices and its differences, grouped."""

    change: ChangeRow
    targets: tuple[TargetRow, ...]
    groups: tuple[DiffGroup, ...]
