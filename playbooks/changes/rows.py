"""What lists and pages show of changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change set in a list.

    `level` is how many must approve, `wave` the one under way of `waves`; a paused change says why.
    """

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
    intent: str
    level: int
    wave: int
    waves: int
    phase: str
    is_paused: bool
    pause_reason: str
    opens_at: datetime | None
    closes_at: datetime | None
    started_at: datetime | None
    planned_at: datetime | None


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One device of a change; `attempt` counts how often its push was asked for."""

    device_id: int
    device: str
    wave: int
    attempt: int
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
class PreviewGroup:
    """Devices that would get the same lines, secrets masked."""

    rendered: str
    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """One approval of a change; `is_break_glass` was given without a second person."""

    id: int
    state: str
    requester: str
    reason: str
    decided_by: str | None
    decided_at: datetime | None
    comment: str
    expires_at: datetime
    is_break_glass: bool
    reviewed_by: str | None
    review: str


@dataclass(frozen=True, slots=True)
class CheckRow:
    """What was measured of one element around a wave; `after` is None until then."""

    wave: int
    round: int
    element: str
    before: str | None
    after: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Spread:
    """How a change spreads, and what its texts were made of."""

    canary: int
    batch: int
    per_site: int
    soak_seconds: int
    is_gated: bool
    is_replace: bool
    origin: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChangeDetail:
    """A change set with its devices, its differences, grouped, and who loses what (`impact`).

    `checks` are those elements that are not as good after a wave as before, or not told of yet.
    """

    change: ChangeRow
    targets: tuple[TargetRow, ...]
    groups: tuple[DiffGroup, ...]
    spread: Spread
    impact: dict[str, Any] | None
    approvals: tuple[ApprovalRow, ...]
    checks: tuple[CheckRow, ...]
