"""Conference: bridges as they answered when they were last asked."""

from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from api.callers import CallerDep
from api.web.rendering import page
from api.web.words import Badge
from conference import service
from hatang.i18n import _

router = APIRouter(prefix="/bridges")


@router.get("")
def list_page(request: Request, caller: CallerDep) -> HTMLResponse:
    """Show every bridge; of a silent one the last good answer, marked stale."""
    with caller.read() as session:
        rows = service.list_heard(session, caller.actor)
    return page(request, "bridges.html", rows=[(row, state(row.state)) for row in rows])


@router.post("/{code}/ask")
def ask(caller: CallerDep, code: str) -> RedirectResponse:
    """Ask a bridge how it is, now."""
    parts = caller.context
    service.bridge_status(parts.db, caller.actor, code, ways=service.Ways.of(parts.settings))
    return RedirectResponse(f"/bridges#{quote(code, safe='')}", 303)


def state(value: str) -> Badge:
    """Return the badge of a bridge's last answer."""
    known = {
        "up": Badge(_("answers"), "circle-check", "good"),
        "degraded": Badge(_("alarms"), "alert-triangle", "degraded"),
        "down": Badge(_("does not answer"), "circle-x", "bad"),
    }
    return known.get(value, Badge(_("unknown"), "help-circle", "unknown"))
