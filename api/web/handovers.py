"""Shift hand-over: what the shift leaves behind, to whom it goes, and the record for paper."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from alerts import service
from api.callers import CallerDep
from api.rest.paging import RowNumber
from api.web import moments
from api.web.rendering import page
from hatang.auth import Permission

router = APIRouter(prefix="/handovers")


@router.get("")
def draft_page(
    request: Request, caller: CallerDep, since: Annotated[str, Query(max_length=40)] = ""
) -> HTMLResponse:
    """Show what would be handed over now, and the shifts before."""
    zone = caller.context.settings.timezone
    begun = moments.typed("since", since, zone)
    may_hand = caller.actor.may(Permission.INCIDENT_ACKNOWLEDGE)
    with caller.read() as session:
        draft = service.draft_handover(session, caller.actor, begun)
        values: dict[str, Any] = {
            "summary": draft,
            "since": moments.shown(draft.since, zone),
            "receivers": service.list_takers(session, caller.actor) if may_hand else [],
            "may_hand": may_hand,
            "earlier": service.list_handovers(session, caller.actor, 20),
        }
        return page(request, "handover_draft.html", **values)


@router.post("")
def hand_over(
    caller: CallerDep,
    receiver: Annotated[str, Form(max_length=64)],
    note: Annotated[str, Form(max_length=4_000)] = "",
    since: Annotated[str, Form(max_length=40)] = "",
) -> RedirectResponse:
    """Hand the shift over."""
    begun = moments.typed("since", since, caller.context.settings.timezone)
    with caller.write() as session:
        done = service.hand_over(session, caller.actor, receiver=receiver, note=note, since=begun)
    return RedirectResponse(f"/handovers/{done.id}", 303)


@router.get("/{number}")
def handover_page(request: Request, caller: CallerDep, number: RowNumber) -> HTMLResponse:
    """Show a shift that was handed over, as it prints."""
    with caller.read() as session:
        found = service.get_handover(session, caller.actor, number)
    return page(request, "handover.html", handover=found, summary=found.summary)
