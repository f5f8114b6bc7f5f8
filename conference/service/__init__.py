"""Bridges, meetings and their readiness; the only door for the packages above."""

from __future__ import annotations

from conference.service.aliases import (
    AliasRow,
    import_aliases,
    list_aliases,
    put_aliases,
    remove_alias,
)
from conference.service.bridges import Ways, bridge_status
from conference.service.calendars import Imported, export_calendar, import_calendar
from conference.service.checking import check_readiness
from conference.service.endpoints import endpoint_status
from conference.service.heard import HeardRow, get_heard, list_heard
from conference.service.ingest import Taken, ingest, issue_token, prove
from conference.service.known import DEFAULT_TERMS, Terms
from conference.service.live import Live, live, windows
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
from conference.service.minutes import Minutes, PointMinutes, minutes
from conference.service.reports import CheckRow, ReadinessReport, latest_readiness
from conference.service.waivers import (
    WaiverInput,
    WaiverRow,
    list_waivers,
    put_waiver,
    withdraw_waiver,
)
from conference.service.whatif import WhatIf, what_if

__all__ = [
    "DEFAULT_TERMS",
    "AliasRow",
    "CheckRow",
    "HeardRow",
    "Imported",
    "Live",
    "MeetingInput",
    "MeetingRow",
    "Minutes",
    "PointInput",
    "PointMinutes",
    "PointRow",
    "ReadinessReport",
    "Taken",
    "Terms",
    "WaiverInput",
    "WaiverRow",
    "Ways",
    "WhatIf",
    "bridge_status",
    "check_readiness",
    "endpoint_status",
    "export_calendar",
    "get_heard",
    "get_meeting",
    "import_aliases",
    "import_calendar",
    "ingest",
    "issue_token",
    "latest_readiness",
    "list_aliases",
    "list_heard",
    "list_meetings",
    "list_points",
    "list_waivers",
    "live",
    "minutes",
    "next_meeting",
    "prove",
    "put_aliases",
    "put_meeting",
    "put_waiver",
    "remove_alias",
    "what_if",
    "windows",
    "withdraw_waiver",
]
