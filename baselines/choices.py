"""Closed sets of the audit's vocabulary."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


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


UNAUDITED: Final = "AUD-00"
"""What is waived where a device goes live without an audit: no rule of a pack."""
