"""Announced work: what runs and comes, announcing it, and reading outage notices into it."""

from datetime import timedelta
from itertools import zip_longest
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from alerts import service
from alerts.notices.words import LONGEST
from alerts.service import MaintenanceRequest
from api.callers import Caller, CallerDep
from api.rest.paging import RowNumber, WindowDep
from api.web import moments
from api.web.rendering import page
from hatang import clock
from hatang.calendar.recurrence import Frequency, Rule
from hatang.errors import InvalidInputError, Problem

router = APIRouter(prefix="/maintenances")
Text = Annotated[str, Form(max_length=4_000)]
Moment = Annotated[str, Form(max_length=40)]
Notice = Annotated[str, Form(max_length=LONGEST)]


class SeriesForm(BaseModel):
    """Work that comes again, as it is typed."""

    elements: str = Field(max_length=4_000)
    reason: str = Field(max_length=4_000)
    frequency: Frequency
    begin: str = Field(max_length=40)
    minutes: int = Field(ge=1, le=1_440)
    first: str = Field(max_length=40)
    until: str = Field(max_length=40)
    weekdays: list[int] = Field(default=[], max_length=7)
    monthday: int | None = Field(default=None, ge=-1, le=31)


class NoticeForm(BaseModel):
    """What a person left of a notice: its ticked points, its times and the reason."""

    text: str = Field(max_length=LONGEST)
    reason: str = Field(max_length=4_000)
    starts_at: list[str] = Field(default=[], max_length=31)
    ends_at: list[str] = Field(default=[], max_length=31)
    points: list[str] = Field(default=[], max_length=1_000)


@router.get("")
def list_page(
    request: Request, caller: CallerDep, window: WindowDep, *, all: bool = False
) -> HTMLResponse:
    """Show announced work, the latest first, and the forms to announce more."""
    zone = caller.context.settings.timezone
    moment = clock.now()
    with caller.read() as session:
        values: dict[str, Any] = {
            "found": service.list_maintenances(
                session, caller.actor, is_over=all, limit=window.limit, offset=window.offset
            ),
            "window": window,
            "all": all,
            "now": moment,
            "starts_at": moments.shown(moment, zone),
            "ends_at": moments.shown(moment + timedelta(hours=2), zone),
            "today": moments.shown(moment, zone)[:10],
        }
        return page(request, "maintenances.html", **values)


@router.post("")
def announce(
    caller: CallerDep, elements: Text, reason: Text, starts_at: Moment, ends_at: Moment
) -> RedirectResponse:
    """Announce work once."""
    zone = caller.context.settings.timezone
    request = MaintenanceRequest(
        tuple(elements.split()),
        moments.needed("starts_at", starts_at, zone),
        moments.needed("ends_at", ends_at, zone),
        reason,
    )
    with caller.write() as session:
        service.create_maintenance(session, caller.actor, request, _longest(caller))
    return RedirectResponse("/maintenances", 303)


@router.post("/series")
def announce_series(caller: CallerDep, form: Annotated[SeriesForm, Form()]) -> RedirectResponse:
    """Announce work that comes again."""
    is_weekly = form.frequency is Frequency.WEEKLY
    rule = Rule(
        form.frequency,
        moments.hour("begin", form.begin),
        form.minutes,
        moments.day("first", form.first),
        moments.day("until", form.until),
        tuple(sorted(set(form.weekdays))) if is_weekly else (),
        None if is_weekly else form.monthday,
    )
    zone = caller.context.settings.timezone
    request = service.SeriesRequest(tuple(form.elements.split()), rule, form.reason, zone)
    with caller.write() as session:
        service.create_series(session, caller.actor, request, _longest(caller))
    return RedirectResponse("/maintenances", 303)


@router.get("/notice")
def no_notice() -> RedirectResponse:
    """Lead to where a notice is pasted: what was read of one is kept nowhere."""
    return RedirectResponse("/maintenances", 303)


@router.post("/notice")
def read_notice(request: Request, caller: CallerDep, text: Notice) -> HTMLResponse:
    """Show what a notice says; nothing is announced yet."""
    zone = caller.context.settings.timezone
    with caller.read() as session:
        topology = caller.context.topology(session)
        found = service.read_notice(session, caller.actor, text, topology, zone)
    times = [
        (moments.shown(one.starts_at, zone), moments.shown(one.ends_at, zone), one)
        for one in found.windows
    ]
    return page(request, "notice.html", reading=found, times=times, text=text)


@router.post("/notice/announce")
def announce_notice(caller: CallerDep, form: Annotated[NoticeForm, Form()]) -> RedirectResponse:
    """Announce what a person left ticked of a notice: one work for each of its times."""
    zone = caller.context.settings.timezone
    elements = tuple(dict.fromkeys(name for each in form.points for name in each.split()))
    times = [pair for pair in zip_longest(form.starts_at, form.ends_at, fillvalue="") if any(pair)]
    if not times:
        problem = Problem("request", "starts_at", "", "is empty", "Choose a time.")
        raise InvalidInputError([problem])
    with caller.write() as session:
        for start, end in times:
            begin = moments.needed("starts_at", start, zone)
            until = moments.needed("ends_at", end, zone)
            request = MaintenanceRequest(elements, begin, until, form.reason, "notice", form.text)
            service.create_maintenance(session, caller.actor, request, _longest(caller))
    return RedirectResponse("/maintenances", 303)


@router.post("/{number}/end")
def end(caller: CallerDep, number: RowNumber) -> RedirectResponse:
    """End work now."""
    with caller.write() as session:
        service.end_maintenance(session, caller.actor, number)
    return RedirectResponse("/maintenances", 303)


@router.post("/series/{number}/end")
def end_series(caller: CallerDep, number: RowNumber) -> RedirectResponse:
    """End work that comes again."""
    with caller.write() as session:
        service.end_series(session, caller.actor, number)
    return RedirectResponse("/maintenances", 303)


def _longest(caller: Caller) -> timedelta:
    return caller.context.settings.alerts.longest_maintenance
