"""What people do with incidents and announced work; the only door for the packages above."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatang import deferred

if TYPE_CHECKING:
    from alerts.service.above import CauseAbove, causes_above
    from alerts.service.calling import Calls, CircuitCall, whom_to_call
    from alerts.service.credits import CarrierCredit, CircuitCredit, carrier_credit, carriers
    from alerts.service.handing import (
        HandoverDetail,
        draft_handover,
        get_handover,
        hand_over,
        list_handovers,
        list_takers,
    )
    from alerts.service.incidents import (
        IncidentDetail,
        IncidentPage,
        add_note,
        close,
        get_incident,
        incidents_at,
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
    from alerts.service.notification import ReceiverUse, list_receivers, list_troubles, send_test
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
    from alerts.service.timeline import Lane, Moment, Timeline, incident_timeline
    from alerts.service.times import Grouping, Measured, ResponseTimes, response_times

__all__ = [
    "Calls",
    "CarrierCredit",
    "CauseAbove",
    "CircuitCall",
    "CircuitCredit",
    "Grouping",
    "HandoverDetail",
    "IncidentDetail",
    "IncidentPage",
    "Lane",
    "MaintenancePage",
    "MaintenancePlan",
    "MaintenanceRequest",
    "Measured",
    "Moment",
    "NoticeReading",
    "ReceiverUse",
    "ResponseTimes",
    "SeriesPlan",
    "SeriesRequest",
    "TicketInput",
    "Timeline",
    "acknowledge",
    "add_note",
    "announce_notice",
    "carrier_credit",
    "carriers",
    "causes_above",
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
    "incident_timeline",
    "incidents_at",
    "list_handovers",
    "list_incidents",
    "list_maintenances",
    "list_receivers",
    "list_takers",
    "list_troubles",
    "plan_maintenance",
    "plan_series",
    "read_notice",
    "record_ticket",
    "release",
    "response_times",
    "send_test",
    "standing",
    "take_over",
    "whom_to_call",
]

__getattr__ = deferred.names(__name__)
