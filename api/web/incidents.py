"""Incidents: the list, and one with its cause, effects, what changed and timeline."""

from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from alerts import runbooks, service
from alerts.choices import IncidentState
from api.board import contacts
from api.callers import Caller, CallerDep
from api.rest.paging import RowNumber, WindowDep
from api.web.account import local
from api.web.rendering import page
from hatang import clock, gates
from hatang.db import AnySession
from inventory import service as inventory
from inventory.rows import EVERYTHING

router = APIRouter(prefix="/incidents")
UNRESOLVED: Final = (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)
BEFORE: Final = timedelta(hours=1)
"""How long before the fault a change may still be its cause."""
Text = Annotated[str, Form(max_length=4_000)]


@router.get("")
def list_page(
    request: Request, caller: CallerDep, window: WindowDep, *, all: bool = False
) -> HTMLResponse:
    """Show incidents, newest first."""
    states = tuple(IncidentState) if all else UNRESOLVED
    with caller.read() as session:
        found = service.list_incidents(
            session, caller.actor, states=states, limit=window.limit, offset=window.offset
        )
        return page(request, "incidents.html", found=found, window=window, all=all)


@router.get("/{number}")
def incident_page(request: Request, caller: CallerDep, number: RowNumber) -> HTMLResponse:
    """Show one incident."""
    with caller.read() as session:
        detail = service.get_incident(session, caller.actor, number)
        circuits = inventory.list_circuits(session, caller.actor, EVERYTHING).items
        return page(
            request,
            "incident.html",
            detail=detail,
            incident=detail.incident,
            contacts=contacts(circuits, detail.incident),
            hints=_hints(session, detail),
            has_runbook=detail.incident.alertname in runbooks.names(),
        )


def _hints(session: AnySession, detail: service.IncidentDetail) -> list[gates.Hint]:
    incident = detail.incident
    elements = [incident.element, *(each.element for each in detail.effects)]
    since: datetime = incident.bad_since - BEFORE
    return [
        hint
        for gate in gates.all_of(gates.CAUSE)
        for hint in gate.hints(session, elements, since, incident.opened_at)
    ]


@router.post("/{number}/acknowledge")
def acknowledge(
    caller: CallerDep,
    number: RowNumber,
    note: Text = "",
    hours: Annotated[float, Form(gt=0, le=168)] = 4,
    back: Text = "",
) -> RedirectResponse:
    """Take the incident."""
    _acknowledge(caller, number, note, hours)
    return RedirectResponse(local(back or f"/incidents/{number}"), 303)


def _acknowledge(caller: Caller, number: int, note: str, hours: float) -> None:
    ends_at = clock.now() + timedelta(hours=hours)
    with caller.write() as session:
        service.acknowledge(session, caller.actor, number, note=note, ends_at=ends_at)


@router.post("/{number}/close")
def close(caller: CallerDep, number: RowNumber, reason: Text) -> RedirectResponse:
    """End the incident by a person's word."""
    with caller.write() as session:
        service.close(session, caller.actor, number, reason=reason)
    return RedirectResponse(f"/incidents/{number}", 303)


@router.post("/{number}/notes")
def add_note(caller: CallerDep, number: RowNumber, note: Text) -> RedirectResponse:
    """Write a line into the timeline."""
    with caller.write() as session:
        service.add_note(session, caller.actor, number, note)
    return RedirectResponse(f"/incidents/{number}", 303)
