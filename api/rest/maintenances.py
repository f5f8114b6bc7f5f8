"""Announced work: what begins in it pages nobody."""

from typing import Annotated

from fastapi import APIRouter, Query

from alerts import service
from alerts.maintenance import announced_by
from alerts.service import MaintenanceRequest
from api.callers import Caller, CallerDep
from api.rest.paging import Page, RowNumber, WindowDep
from api.rest.schemas.maintenances import (
    Announce,
    AnnounceSeries,
    Maintenance,
    MaintenancePlan,
    NoticeBody,
    NoticeReading,
    Series,
    SeriesPlan,
    Window,
)
from hatang.calendar.recurrence import Rule

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


@router.post("/notice")
def read_notice(caller: CallerDep, body: NoticeBody) -> NoticeReading:
    """Return when and where an outage notice speaks of; announcing is another request."""
    zone = caller.context.settings.timezone
    with caller.read() as session:
        topology = caller.context.topology(session)
        found = service.read_notice(session, caller.actor, body.text, topology, zone)
        return NoticeReading.model_validate(found)


@router.post("/series", status_code=201)
def announce_series(caller: CallerDep, body: AnnounceSeries) -> Series:
    """Announce work that comes again; each time may be ended by itself."""
    longest = caller.context.settings.alerts.longest_maintenance
    with caller.write() as session:
        row, _times = service.create_series(session, caller.actor, _series(caller, body), longest)
        return Series.model_validate(row)


@router.post("/series/plan")
def plan_series(caller: CallerDep, body: AnnounceSeries) -> SeriesPlan:
    """Return what a series would withhold and when; nothing is announced."""
    longest = caller.context.settings.alerts.longest_maintenance
    with caller.read() as session:
        found = service.plan_series(session, caller.actor, _series(caller, body), longest)
    times = [Window(starts_at=start, ends_at=end) for start, end in found.windows]
    return SeriesPlan(elements=list(found.plan.elements), windows=times)


@router.get("/series/{number}")
def get_series(caller: CallerDep, number: RowNumber) -> Series:
    """Return work that comes again."""
    with caller.read() as session:
        return Series.model_validate(service.get_series(session, caller.actor, number))


@router.post("/series/{number}/end")
def end_series(caller: CallerDep, number: RowNumber) -> Series:
    """End work that comes again: what runs ends now, what would come does not."""
    with caller.write() as session:
        service.end_series(session, caller.actor, number)
        return Series.model_validate(service.get_series(session, caller.actor, number))


def _series(caller: Caller, body: AnnounceSeries) -> service.SeriesRequest:
    given = body.rule.model_dump() | {"weekdays": tuple(body.rule.weekdays)}
    zone = caller.context.settings.timezone
    return service.SeriesRequest(tuple(body.elements), Rule(**given), body.reason, zone)
