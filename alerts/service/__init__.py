"""What people do with incidents and announced work; the only door for the packages above."""

from __future__ import annotations

from alerts.service.calling import Calls, CircuitCall, whom_to_call
from alerts.service.handing import (
    HandoverDetail,
    draft_handover,
    get_handover,
    hand_over,
    list_handovers,
    list_receivers,
)
from alerts.service.incidents import (
    IncidentDetail,
    IncidentPage,
    add_note,
    close,
    get_incident,
    list_incidents,
)
from alerts.service.maintenance import (
    MaintenancePage,
    MaintenancePlan,
    MaintenanceRequest,
    create_maintenance,
    end_maintenance,
    get_maintenance,
    list_maintenances,
    plan_maintenance,
)
from alerts.service.notices import NoticeReading, announce_notice, digest_of, read_notice
from alerts.service.owning import acknowledge, holder, release, take_over
from alerts.service.series import (
    SeriesPlan,
    SeriesRequest,
    create_series,
    end_series,
    get_series,
    plan_series,
)
from alerts.service.tickets import TicketInput, record_ticket, standing
from alerts.service.timeline import Moment, timeline

__all__ = [
    "Calls",
    "CircuitCall",
    "HandoverDetail",
    "IncidentDetail",
    "IncidentPage",
    "MaintenancePage",
    "MaintenancePlan",
    "MaintenanceRequest",
    "Moment",
    "NoticeReading",
    "SeriesPlan",
    "SeriesRequest",
    "TicketInput",
    "acknowledge",
    "add_note",
    "announce_notice",
    "close",
    "create_maintenance",
    "create_series",
    "digest_of",
    "draft_handover",
    "end_maintenance",
    "end_series",
    "get_handover",
    "get_incident",
    "get_maintenance",
    "get_series",
    "hand_over",
    "holder",
    "list_handovers",
    "list_incidents",
    "list_maintenances",
    "list_receivers",
    "plan_maintenance",
    "plan_series",
    "read_notice",
    "record_ticket",
    "release",
    "standing",
    "take_over",
    "timeline",
    "whom_to_call",
]
