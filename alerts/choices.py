"""The closed sets of alerts."""

from __future__ import annotations

from enum import StrEnum


class IncidentState(StrEnum):
    """Where an incident stands; acknowledged is still open."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class AlertState(StrEnum):
    """What one sender last said about one alert; a lapse is unknown and never a recovery."""

    FIRING = "firing"
    RESOLVED = "resolved"
    UNKNOWN = "unknown"


class Impact(StrEnum):
    """What a cause does to an element: cut off, or one leg of its redundancy lost."""

    DOWN = "down"
    DEGRADED = "degraded"


class IncidentEventKind(StrEnum):
    """Lines of an incident's timeline."""

    OPENED = "opened"
    CAUSE_MOVED = "cause_moved"
    PROBABLE_CAUSE = "probable_cause"
    ACKNOWLEDGED = "acknowledged"
    NOTE = "note"
    FORWARDED = "forwarded"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    CLOSED = "closed"
    TAKEN_OVER = "taken_over"
    RELEASED = "released"
    HANDED_OVER = "handed_over"
    TICKET = "ticket"
