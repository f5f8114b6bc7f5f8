"""Bridges, meetings and their readiness; the only door for the packages above."""

from __future__ import annotations

from conference.service.bridges import Ways, bridge_status
from conference.service.checking import check_readiness
from conference.service.meetings import (
    MeetingInput,
    MeetingRow,
    PointInput,
    PointRow,
    get_meeting,
    list_meetings,
    list_points,
    next_meeting,
    put_meeting,
)
from conference.service.reports import CheckRow, ReadinessReport, latest_readiness

__all__ = [
    "CheckRow",
    "MeetingInput",
    "MeetingRow",
    "PointInput",
    "PointRow",
    "ReadinessReport",
    "Ways",
    "bridge_status",
    "check_readiness",
    "get_meeting",
    "latest_readiness",
    "list_meetings",
    "list_points",
    "next_meeting",
    "put_meeting",
]
