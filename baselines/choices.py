"""Closed sets of the audit's vocabulary."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What an audit can say of one rule on one device; only `PASS` counts as good."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
    ERROR = "error"
    WAIVED = "waived"
    MANUAL = "manual"


class Severity(StrEnum):
    """How much a failed rule matters, the worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Relation(StrEnum):
    """How a rule stands to a clause of a framework; a declined mapping says why."""

    DIRECT = "direct"
    SUPPORTING = "supporting"
    DECLINED = "declined"
