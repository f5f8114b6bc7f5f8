"""What people do with incidents and announced work; the only door for the packages above."""

from __future__ import annotations

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

__all__ = [
    "IncidentDetail",
    "IncidentPage",
    "MaintenancePage",
    "MaintenancePlan",
    "MaintenanceRequest",
    "acknowledge",
    "add_note",
    "close",
    "create_maintenance",
    "end_maintenance",
    "get_incident",
    "get_maintenance",
    "incidents_at",
    "list_incidents",
    "list_maintenances",
    "plan_maintenance",
]
