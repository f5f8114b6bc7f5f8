"""Closed sets of the words for changes."""

from __future__ import annotations

from enum import StrEnum


class ChangeState(StrEnum):
    """Where a change set is on its way from intent to evidence.

    `scheduled` was approved and told to run: it begins by itself when its window opens.
    """

    DRAFT = "draft"
    PLANNED = "planned"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    DONE = "done"
    ROLLED_BACK = "rolled_back"
    FAILED = "failed"
    CANCELLED = "cancelled"


class TargetState(StrEnum):
    """What became of one device of a change; `unknown` is never rolled back blindly.

    `drift` says that the device is not as it was planned, or holds a commit of somebody else:
    nothing was touched, and a person must look. `reverting` was confirmed and is being taken back,
    because its wave did harm.
    """

    PLANNED = "planned"
    UNCHANGED = "unchanged"
    APPLYING = "applying"
    CONFIRMED = "confirmed"
    REVERTING = "reverting"
    REVERTED = "reverted"
    REJECTED = "rejected"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DRIFT = "drift"
    CANCELLED = "cancelled"


class Intent(StrEnum):
    """What a change is made from."""

    SNIPPET = "snippet"
    TEMPLATE = "template"
    RESTORE = "restore"
    REMEDIATION = "remediation"
    STANDARD = "standard"
    ROTATION = "rotation"
    REMOVAL = "removal"


class Phase(StrEnum):
    """Where the wave under way stands."""

    MEASURING = "measuring"
    PUSHING = "pushing"
    SOAKING = "soaking"
    REVERTING = "reverting"


class Moment(StrEnum):
    """When a health gate measured: before a wave or after it."""

    BEFORE = "before"
    AFTER = "after"


class RunState(StrEnum):
    """Where a playbook run is; one that writes is approved before it is pending."""

    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    PENDING = "pending"
    RUNNING = "running"
    SUCCESSFUL = "successful"
    FAILED = "failed"
    CANCELLED = "cancelled"


class HostOutcome(StrEnum):
    """What became of one device of a run.

    `unfinished` can be run again; `unknown` had begun a task when the run was cut short, and a
    person must look.
    """

    DONE = "done"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    UNFINISHED = "unfinished"
    UNKNOWN = "unknown"


class ScheduleState(StrEnum):
    """Where a schedule of runs stands; only a standing one, which another approved, starts any."""

    PROPOSED = "proposed"
    STANDING = "standing"
    PAUSED = "paused"
    ENDED = "ended"


class OccurrenceState(StrEnum):
    """What became of one time of a schedule.

    A `held` one begins as soon as what holds it is over, as long as its window is open; a `missed`
    one had its window while nobody could start it, and is not made up for.
    """

    STARTED = "started"
    HELD = "held"
    SKIPPED = "skipped"
    MISSED = "missed"


class ConfigKind(StrEnum):
    """Which configuration of a device."""

    RUNNING = "running"
    STARTUP = "startup"


class DriftState(StrEnum):
    """How a device stands to what is intended; what could not be compared is never in line."""

    DRIFTED = "drifted"
    UNKNOWN = "unknown"
    IN_LINE = "in_line"


class DriftReason(StrEnum):
    """Why it is unknown whether a device is as intended."""

    NO_BACKUP = "no_backup"
    TOO_OLD = "too_old"
    UNREADABLE = "unreadable"
    TEMPLATE_ERROR = "template_error"
    NO_CERTAIN_WAY = "no_certain_way"
    TOO_SLOW = "too_slow"
    FAILED = "failed"


class DriftEnd(StrEnum):
    """How a drift ended: the device was seen in line, or nothing is intended for it any more."""

    IN_LINE = "in_line"
    NOT_INTENDED = "not_intended"
