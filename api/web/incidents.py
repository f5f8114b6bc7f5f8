"""Incidents: the list, and one with its cause, whom to call, effects, and what happened."""

from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from pydantic import BaseModel, Field

from alerts import probable, runbooks, service, wording
from alerts.choices import Impact, IncidentEventKind, IncidentState
from api.callers import CallerDep
from api.rest.paging import RowNumber, WindowDep
from api.web import moments, words
from api.web.account import local
from api.web.rendering import page
from api.web.story import naming
from hatang import clock
from inventory import service as inventory
from inventory.rows import EVERYTHING
from monitors.choices import State

router = APIRouter(prefix="/incidents")
UNRESOLVED: Final = (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)
Text = Annotated[str, Form(max_length=4_000)]
Hours = Annotated[float, Form(gt=0, le=168)]


class TicketForm(BaseModel):
    """What a carrier said, as it is typed."""

    party: str = Field(max_length=100)
    ticket: str = Field(max_length=100)
    promised_at: str = Field(default="", max_length=40)
    note: str = Field(default="", max_length=4_000)


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
        above = service.causes_above(session, caller.actor)
        values: dict[str, Any] = {"found": found, "window": window, "all": all, "above": above}
        return page(request, "incidents.html", **values)


@router.get("/{number}")
def incident_page(request: Request, caller: CallerDep, number: RowNumber) -> HTMLResponse:
    """Show one incident."""
    with caller.read() as session:
        detail = service.get_incident(session, caller.actor, number)
        held = service.holder(session, detail.incident)
        story = service.incident_timeline(session, caller.actor, number)
        values: dict[str, Any] = {
            "detail": detail,
            "incident": detail.incident,
            "calls": service.whom_to_call(session, caller.actor, detail.incident, detail.effects),
            "moments": story.moments[::-1],
            "left_out": story.left_out,
            "unlit": wording.unlit(detail.incident, detail.effects),
            "probable": _probable(detail),
            "said": _said(detail),
            "called": naming(session, caller.actor, detail, story),
            "held": held,
            "is_mine": held is not None and held.actor_id == caller.actor.id,
            "standing": service.standing(detail.tickets),
            "now": clock.now(),
            "has_runbook": detail.incident.alertname in runbooks.names(),
        }
        return page(request, "incident.html", **values)


def _said(detail: service.IncidentDetail) -> str:
    """Return what the device itself said of it by trap or log line; "" where it said nothing."""
    opened = (each for each in detail.events if each.kind == IncidentEventKind.OPENED)
    told = next(opened, None)
    text = wording.itself(told.detail.get("said")) if told else ""
    return text[:1].upper() + text[1:]


def _probable(detail: service.IncidentDetail) -> tuple[str, str]:
    """Return what probably caused it, and where more of that is told; "" where nobody knows."""
    told = probable.latest(detail.events, detail.incident)
    text = wording.probably(told, detail.incident)
    return text[:1].upper() + text[1:], str(told["link"]) if told else ""


@router.get("/{number}/sites")
def sites(caller: CallerDep, number: RowNumber) -> JSONResponse:
    """Return the sites for the incident's map: those it hits, and the others around them."""
    with caller.read() as session:
        detail = service.get_incident(session, caller.actor, number)
        hit = _hit(detail)
        rows = inventory.list_sites(session, caller.actor, EVERYTHING).items
        return JSONResponse(
            [
                {
                    "slug": row.slug,
                    "name": row.name,
                    "kind": row.kind,
                    "latitude": row.latitude,
                    "longitude": row.longitude,
                    "state": hit.get(row.slug, State.UNKNOWN),
                    "word": words.hit(hit.get(row.slug)),
                    "hit": row.slug in hit,
                }
                for row in rows
                if row.latitude is not None and row.longitude is not None
            ]
        )


def _hit(detail: service.IncidentDetail) -> dict[str, State]:
    """Return the sites that suffer: bad where all is cut off, degraded where a way is lost."""
    states = {Impact.DEGRADED.value: State.DEGRADED, Impact.DOWN.value: State.BAD}
    found: dict[str, State] = {}
    for effect in sorted(detail.effects, key=lambda each: each.impact == Impact.DOWN):
        if effect.kind == "site":
            found[effect.site or effect.element.partition(":")[2]] = states[effect.impact]
    if detail.incident.site:
        found.setdefault(detail.incident.site, State.DEGRADED)
    return found


@router.post("/{number}/acknowledge")
def acknowledge(
    caller: CallerDep, number: RowNumber, note: Text = "", hours: Hours = 4, back: Text = ""
) -> RedirectResponse:
    """Take the incident."""
    ends_at = clock.now() + timedelta(hours=hours)
    with caller.write() as session:
        service.acknowledge(session, caller.actor, number, note=note, ends_at=ends_at)
    return RedirectResponse(local(back or f"/incidents/{number}"), 303)


@router.post("/{number}/take-over")
def take_over(
    caller: CallerDep, number: RowNumber, note: Text = "", hours: Hours = 4
) -> RedirectResponse:
    """Take the incident from the person who works on it."""
    ends_at = clock.now() + timedelta(hours=hours)
    with caller.write() as session:
        service.take_over(session, caller.actor, number, note=note, ends_at=ends_at)
    return RedirectResponse(f"/incidents/{number}", 303)


@router.post("/{number}/release")
def release(caller: CallerDep, number: RowNumber, reason: Text) -> RedirectResponse:
    """Give the incident back."""
    with caller.write() as session:
        service.release(session, caller.actor, number, reason=reason)
    return RedirectResponse(f"/incidents/{number}", 303)


@router.post("/{number}/tickets")
def record_ticket(
    caller: CallerDep, number: RowNumber, form: Annotated[TicketForm, Form()]
) -> RedirectResponse:
    """Write down what a carrier said."""
    promised = moments.typed("promised_at", form.promised_at, caller.context.settings.timezone)
    with caller.write() as session:
        said = service.TicketInput(form.party, form.ticket, promised, form.note)
        service.record_ticket(session, caller.actor, number, said)
    return RedirectResponse(f"/incidents/{number}", 303)


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
