"""What is wrong, why, who took it."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from alerts import service
from alerts.choices import IncidentState
from api.callers import CallerDep
from api.rest.paging import MAX_LIMIT, Page, RowNumber, WindowDep
from api.rest.schemas.incidents import (
    Acknowledge,
    Acknowledgement,
    CallCircuit,
    CallPerson,
    Calls,
    CallSite,
    CauseAbove,
    Close,
    Incident,
    IncidentDetail,
    Note,
    Release,
    Ticket,
    TicketBody,
    Timeline,
)
from hatang import clock

router = APIRouter(prefix="/incidents", tags=["incidents"])
UNRESOLVED = [IncidentState.OPEN, IncidentState.ACKNOWLEDGED]


@router.get("")
def list_incidents(
    caller: CallerDep,
    window: WindowDep,
    state: Annotated[list[IncidentState], Query(description="Which; may repeat.")] = UNRESOLVED,
) -> Page[Incident]:
    """Return incidents, newest first; those not resolved unless asked otherwise."""
    with caller.read() as session:
        found = service.list_incidents(
            session, caller.actor, states=state, limit=window.limit, offset=window.offset
        )
        return window.cut(Incident, found.incidents, found.total)


@router.get("/above")
def causes_above(caller: CallerDep) -> list[CauseAbove]:
    """Return what above your reach cuts off something in it: name, since when, whom to call."""
    with caller.read() as session:
        found = service.causes_above(session, caller.actor)
        return [CauseAbove.model_validate(each) for each in found]


@router.get("/{number}")
def get_incident(caller: CallerDep, number: RowNumber) -> IncidentDetail:
    """Return an incident with its cause, effects and timeline."""
    with caller.read() as session:
        found = service.get_incident(session, caller.actor, number)
        return IncidentDetail.model_validate(found)


@router.get("/{number}/timeline")
def incident_timeline(
    caller: CallerDep,
    number: RowNumber,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Measurements at most.")] = 200,
) -> Timeline:
    """Return what was measured, done and changed around an incident, in one order of time."""
    with caller.read() as session:
        found = service.incident_timeline(session, caller.actor, number, limit=limit)
        return Timeline.model_validate(found)


@router.post("/{number}/acknowledge", status_code=201)
def acknowledge(caller: CallerDep, number: RowNumber, body: Acknowledge) -> Acknowledgement:
    """Take an incident; it stays open, but people know who works on it."""
    ends_at = clock.now() + timedelta(hours=body.hours)
    with caller.write() as session:
        row = service.acknowledge(session, caller.actor, number, note=body.note, ends_at=ends_at)
        return Acknowledgement.model_validate(row)


@router.post("/{number}/take-over", status_code=201)
def take_over(caller: CallerDep, number: RowNumber, body: Acknowledge) -> Acknowledgement:
    """Take an incident from the person who works on it; 409 when nobody does."""
    ends_at = clock.now() + timedelta(hours=body.hours)
    with caller.write() as session:
        row = service.take_over(session, caller.actor, number, note=body.note, ends_at=ends_at)
        return Acknowledgement.model_validate(row)


@router.post("/{number}/release")
def release(caller: CallerDep, number: RowNumber, body: Release) -> Incident:
    """Give an incident back: nobody works on it, and people are paged again."""
    with caller.write() as session:
        row = service.release(session, caller.actor, number, reason=body.reason)
        return Incident.model_validate(row)


@router.post("/{number}/tickets", status_code=201)
def record_ticket(caller: CallerDep, number: RowNumber, body: TicketBody) -> Ticket:
    """Write down a carrier's ticket and what it promises; what was said before stays."""
    said = service.TicketInput(body.party, body.number, body.promised_at, body.note)
    with caller.write() as session:
        row = service.record_ticket(session, caller.actor, number, said)
        return Ticket.model_validate(row)


@router.get("/{number}/calls")
def whom_to_call(caller: CallerDep, number: RowNumber) -> Calls:
    """Return whom to call about an incident: lines, the place, its power, people in charge."""
    with caller.read() as session:
        detail = service.get_incident(session, caller.actor, number)
        found = service.whom_to_call(session, caller.actor, detail.incident, detail.effects)
    return Calls(
        circuits=[_line(each) for each in found.circuits],
        site=CallSite(**{name: getattr(found.site, name) for name in CallSite.model_fields})
        if found.site
        else None,
        people=[CallPerson.model_validate(each) for each in found.people],
        is_power=found.is_power,
    )


def _line(call: service.CircuitCall) -> CallCircuit:
    names = [name for name in CallCircuit.model_fields if name != "account"]
    return CallCircuit(
        account=call.account, **{name: getattr(call.circuit, name) for name in names}
    )


@router.post("/{number}/close")
def close(caller: CallerDep, number: RowNumber, body: Close) -> Incident:
    """End an incident that no measurement will end; 409 while its cause is measured bad."""
    with caller.write() as session:
        row = service.close(session, caller.actor, number, reason=body.reason)
        return Incident.model_validate(row)


@router.post("/{number}/notes", status_code=204)
def add_note(caller: CallerDep, number: RowNumber, body: Note) -> None:
    """Write a line into the timeline."""
    with caller.write() as session:
        service.add_note(session, caller.actor, number, body.note)
