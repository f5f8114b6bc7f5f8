"""Announced work: what begins in it pages nobody."""

from typing import Annotated

from fastapi import APIRouter, Query

from alerts import service
from alerts.maintenance import announced_by
from alerts.service import MaintenanceRequest
from api.callers import CallerDep
from api.rest.paging import Page, RowNumber, WindowDep
from api.rest.schemas.maintenances import (
    Announce,
    Maintenance,
    MaintenancePlan,
)

router = APIRouter(prefix="/maintenances", tags=["maintenances"])


@router.get("")
def list_maintenances(
    caller: CallerDep,
    window: WindowDep,
    *,
    everything: Annotated[bool, Query(alias="all", description="Those that are over too.")] = False,
) -> Page[Maintenance]:
    """Return announced work that runs or will run, the latest first."""
    with caller.read() as session:
        found = service.list_maintenances(
            session, caller.actor, is_over=everything, limit=window.limit, offset=window.offset
        )
        return window.cut(Maintenance, found.maintenances, found.total)


@router.post("", status_code=201)
def announce_maintenance(caller: CallerDep, body: Announce) -> Maintenance:
    """Announce work; what was announced before is not silenced, and all is still measured."""
    longest = caller.context.settings.alerts.longest_maintenance
    with caller.write() as session:
        row = service.create_maintenance(session, caller.actor, _request(body), longest)
        return Maintenance.model_validate(row)


@router.post("/plan")
def plan_maintenance(caller: CallerDep, body: Announce) -> MaintenancePlan:
    """Return what an announcement would withhold; nothing is announced."""
    longest = caller.context.settings.alerts.longest_maintenance
    with caller.read() as session:
        plan = service.plan_maintenance(session, caller.actor, _request(body), longest)
        return MaintenancePlan.model_validate(plan)


@router.get("/{number}")
def get_maintenance(caller: CallerDep, number: RowNumber) -> Maintenance:
    """Return one announced work."""
    with caller.read() as session:
        return Maintenance.model_validate(service.get_maintenance(session, caller.actor, number))


@router.post("/{number}/end")
def end_maintenance(caller: CallerDep, number: RowNumber) -> Maintenance:
    """End announced work now: what is bad then pages."""
    with caller.write() as session:
        row = service.end_maintenance(session, caller.actor, number)
        return Maintenance.model_validate(row)


def _request(body: Announce) -> MaintenanceRequest:
    source = "notice" if body.notice else announced_by(body.carrier)
    return MaintenanceRequest(
        tuple(body.elements), body.starts_at, body.ends_at, body.reason, source, body.notice
    )
