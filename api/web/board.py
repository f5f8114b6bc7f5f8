"""The board: the state of the province, live."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse

from api import overview
from api.board import board
from api.callers import CallerDep
from api.web import words
from api.web.rendering import page
from monitors import service as monitors

router = APIRouter()


@router.get("/")
def show_board(request: Request, caller: CallerDep) -> HTMLResponse:
    """Show the whole page."""
    with caller.read() as session:
        return page(request, "board.html", board=board(session, caller.actor))


@router.get("/board/live")
def live(request: Request, caller: CallerDep) -> HTMLResponse:
    """Show the part that changes; asked for again whenever something happened."""
    with caller.read() as session:
        return page(request, "board_live.html", board=board(session, caller.actor))


@router.get("/board/sites")
def sites(caller: CallerDep) -> JSONResponse:
    """Return the sites for the map, with the word of each state."""
    with caller.read() as session:
        known = tuple(monitors.site_statuses(session, caller.actor))
        placed = overview.placed_sites(session, caller.actor, known)
    return JSONResponse([_pin(each) for each in placed if each.site.latitude is not None])


def _pin(placed: overview.PlacedSite) -> dict[str, Any]:
    site = placed.site
    return {
        "slug": site.slug,
        "name": site.name,
        "kind": site.kind,
        "latitude": site.latitude,
        "longitude": site.longitude,
        "state": placed.state,
        "word": words.state(placed.state).word,
    }
