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


class Trigger(StrEnum):
    """Why a meeting was looked at: how long before it begins, or by hand."""

    DAY = "T-24h"
    HOUR = "T-60m"
    QUARTER = "T-15m"
    LAST = "T-5m"
    AFTER = "after"
    MANUAL = "manual"


class Check(StrEnum):
    """What a readiness run looks at."""

    BRIDGE_REACHABLE = "bridge_reachable"
    BRIDGE_PORTS = "bridge_ports"
    BRIDGE_CAPACITY = "bridge_capacity"
    SITE_REACHABLE = "site_reachable"
    PATH = "path"
    QOS_DSCP = "qos_dscp"
    HEADROOM = "headroom"
    SHARED_HEADROOM = "shared_headroom"
    WORK = "work"
    POWER = "power"
    REGISTERED = "registered"
    ANSWERS = "answers"
    CODEC = "codec"
    PERIPHERALS = "peripherals"
    CERTIFICATE = "certificate"
    CLOCK = "clock"


class CheckResult(StrEnum):
    """How one check ended; `unknown` is what was not measured.

    `skip` is what cannot be looked at, `waived` what somebody answers for: never a pass.
    """

    PASS = "pass"  # noqa: S105 - a result
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    SKIP = "skip"
    WAIVED = "waived"


class Quality(StrEnum):
    """How a stream was over a window, worst last; the bands are Pexip's."""

    UNKNOWN = "unknown"
    GOOD = "good"
    OK = "ok"
    BAD = "bad"
    TERRIBLE = "terrible"


class MatchMethod(StrEnum):
    """How a participant was told to be a room, the surest first."""

    EXPLICIT = "explicit"
    SIP_URI = "sip_uri"
    E164 = "e164"
    SUBNET = "subnet"
    FUZZY = "fuzzy"
    NONE = "none"
