"""Shifts handed over: what is open, was done, is promised and runs, at a moment."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from alerts import service
from alerts.service.summary import Summary
from api.callers import CallerDep
from api.rest.paging import RowNumber
from api.rest.schemas.handovers import HandOver, Handover, HandoverDetail

router = APIRouter(prefix="/handovers", tags=["incidents"])


@router.get("")
def list_handovers(
    caller: CallerDep, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> list[Handover]:
    """Return the latest shifts handed over, newest first."""
    with caller.read() as session:
        rows = service.list_handovers(session, caller.actor, limit)
        return [Handover.model_validate(row) for row in rows]


@router.post("", status_code=201)
def hand_over(caller: CallerDep, body: HandOver) -> HandoverDetail:
    """Hand one's shift to another person, with all incidents one works on."""
    with caller.write() as session:
        found = service.hand_over(
            session, caller.actor, receiver=body.receiver, note=body.note, since=body.since
        )
        return HandoverDetail.model_validate(found)


@router.get("/draft")
def draft_handover(
    caller: CallerDep,
    since: Annotated[AwareDatetime | None, Query(description="When the shift began.")] = None,
) -> Summary:
    """Return what would be handed over now; nothing is."""
    with caller.read() as session:
        return service.draft_handover(session, caller.actor, since)


@router.get("/{number}")
def get_handover(caller: CallerDep, number: RowNumber) -> HandoverDetail:
    """Return a shift that was handed over, as both people read it."""
    with caller.read() as session:
        return HandoverDetail.model_validate(service.get_handover(session, caller.actor, number))
