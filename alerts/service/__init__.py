"""What people do with incidents and announced work; the only door for the packages above."""

from __future__ import annotations

from alerts.service.credits import CarrierCredit, CircuitCredit, carrier_credit, carriers
from alerts.service.incidents import (
    IncidentDetail,
    IncidentPage,
    acknowledge,
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
from alerts.service.notification import (
    ReceiverUse,
    list_receivers,
    list_troubles,
    send_test,
)
from alerts.service.timeline import Lane, Moment, Timeline, incident_timeline
from alerts.service.times import Grouping, Measured, ResponseTimes, response_times

__all__ = [
    "CarrierCredit",
    "CircuitCredit",
    "Grouping",
    "IncidentDetail",
    "IncidentPage",
    "Lane",
    "MaintenancePage",
    "MaintenancePlan",
    "MaintenanceRequest",
    "Measured",
    "Moment",
    "ReceiverUse",
    "ResponseTimes",
    "Timeline",
    "acknowledge",
    "add_note",
    "carrier_credit",
    "carriers",
    "close",
    "create_maintenance",
    "end_maintenance",
    "get_incident",
    "get_maintenance",
    "incident_timeline",
    "incidents_at",
    "list_incidents",
    "list_maintenances",
    "list_receivers",
    "list_troubles",
    "plan_maintenance",
    "response_times",
    "send_test",
]
