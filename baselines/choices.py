"""Closed sets of the audit's vocabulary."""

from __future__ import annotations

from enum import StrEnum


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
