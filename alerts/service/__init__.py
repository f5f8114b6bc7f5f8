"""What people do with incidents and announced work; the only door for the packages above."""

from __future__ import annotations

from alerts.service.incidents import (
    IncidentDetail,
    IncidentPage,
    acknowledge,
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
from alerts.service.notification import (
    ReceiverUse,
    list_receivers,
    list_troubles,
    send_test,
)

__all__ = [
    "IncidentDetail",
    "IncidentPage",
    "MaintenancePage",
    "MaintenancePlan",
    "MaintenanceRequest",
    "ReceiverUse",
    "acknowledge",
    "add_note",
    "close",
    "create_maintenance",
    "end_maintenance",
    "get_incident",
    "get_maintenance",
    "list_incidents",
    "list_maintenances",
    "list_receivers",
    "list_troubles",
    "plan_maintenance",
    "send_test",
]
