"""Closed sets of the conference's vocabulary."""

from __future__ import annotations

from enum import StrEnum


class Readiness(StrEnum):
    """Whether a point or a meeting will work; only `READY` counts as good."""

    READY = "ready"
    AT_RISK = "at_risk"
    NOT_READY = "not_ready"
    UNKNOWN = "unknown"


class BridgeState(StrEnum):
    """Whether a bridge can hold a meeting."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


class MeetingState(StrEnum):
    """Where a meeting is in its life."""

    PLANNED = "planned"
    CANCELLED = "cancelled"


class PointRole(StrEnum):
    """What a room does in a meeting."""

    CHAIR = "chair"
    SPEAKER = "speaker"
    VIEWER = "viewer"


class Check(StrEnum):
    """What a readiness run looks at."""

    BRIDGE_REACHABLE = "bridge_reachable"
    BRIDGE_PORTS = "bridge_ports"
    SITE_REACHABLE = "site_reachable"
    REGISTERED = "registered"
    ANSWERS = "answers"


class CheckResult(StrEnum):
    """How one check ended; `unknown` is what was not measured."""

    PASS = "pass"  # noqa: S105 - a result
    FAIL = "fail"
    UNKNOWN = "unknown"
