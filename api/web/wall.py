"""The wall screen: the board without controls, to be read from five metres away."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.board import board
from api.callers import CallerDep, keep_open
from api.web.rendering import page

router = APIRouter(prefix="/wall")


@router.get("")
def wall(request: Request, caller: CallerDep) -> HTMLResponse:
    """Show the whole screen."""
    with caller.read() as session:
        return page(request, "wall.html", board=board(session, caller.actor))


@router.get("/live")
def live(request: Request, caller: CallerDep) -> HTMLResponse:
    """Show the part that changes; asked for again whenever something happened."""
    keep_open(caller)
    with caller.read() as session:
        return page(request, "wall_live.html", board=board(session, caller.actor))
