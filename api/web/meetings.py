"""Conference: meetings, and one with the readiness of each point."""

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import reports
from api.callers import CallerDep
from api.rest.paging import WindowDep
from api.web.attachments import Form, attached
from api.web.rendering import page
from conference import service
from hatang import clock

router = APIRouter(prefix="/meetings")


@router.get("")
def list_page(
    request: Request, caller: CallerDep, window: WindowDep, *, past: bool = False
) -> HTMLResponse:
    """Show meetings, the next one first."""
    after = None if past else clock.now()
    with caller.read() as session:
        found = service.list_meetings(session, caller.actor, window.query({}), ends_after=after)
        reports = {
            row.uid: service.latest_readiness(session, caller.actor, row.uid)
            for row in found.items[:20]
        }
    values: dict[str, Any] = {
        "rows": found.items,
        "total": found.total,
        "reports": reports,
        "window": window,
        "past": past,
    }
    return page(request, "meetings.html", **values)


@router.get("/{uid:path}/report.{form}")
def report(caller: CallerDep, uid: str, form: Form) -> Response:
    """Send the newest answer as a file to print or to count with."""
    with caller.read() as session:
        zone = caller.context.settings.timezone
        document = reports.readiness(session, caller.actor, uid, zone)
    return attached(document, form, "meeting")


@router.get("/{uid:path}")
def meeting_page(request: Request, caller: CallerDep, uid: str) -> HTMLResponse:
    """Show whether a meeting will work, and where not, why."""
    with caller.read() as session:
        report = service.latest_readiness(session, caller.actor, uid)
        points = service.list_points(session, caller.actor, uid)
    values: dict[str, Any] = {
        "report": report,
        "meeting": report.meeting,
        "points": points,
        "verdicts": {point.room: point for point in report.verdict.points},
        "bridge_checks": [check for check in report.checks if check.room is None],
    }
    return page(request, "meeting.html", **values)


@router.post("/{uid:path}/check")
def check(caller: CallerDep, uid: str) -> RedirectResponse:
    """Look at every point now."""
    parts = caller.context
    ways, terms = service.Ways.of(parts.settings), service.Terms.of(parts.settings)
    service.check_readiness(parts.db, caller.actor, uid, ways=ways, terms=terms)
    return RedirectResponse(f"/meetings/{quote(uid, safe='')}", 303)
