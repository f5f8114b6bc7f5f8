"""Conference: meetings, and one with the readiness of each point."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import reports
from api.callers import CallerDep
from api.rest.paging import WindowDep
from api.web import meeting_words
from api.web.attachments import Form, attached
from api.web.rendering import page
from conference import service
from conference.choices import Check, CheckResult
from hatang import clock
from hatang.errors import NotFoundError

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


@router.get("/{uid:path}/minutes.{form}")
def minutes(caller: CallerDep, uid: str, form: Form) -> Response:
    """Send the minutes as a file to print and sign, or to count with."""
    with caller.read() as session:
        document = reports.minutes(session, caller.actor, uid, caller.context.settings.timezone)
    return attached(document, form, "minutes")


@router.get("/{uid:path}/points/{room}")
def point_page(request: Request, caller: CallerDep, uid: str, room: str) -> HTMLResponse:
    """Show one point to who stands in the room, on a phone."""
    with caller.read() as session:
        report = service.latest_readiness(session, caller.actor, uid)
        points = service.list_points(session, caller.actor, uid)
    point = next((one for one in points if one.room == room), None)
    if point is None:
        raise NotFoundError(f"{room} is no point of the meeting {uid}")
    values: dict[str, Any] = {
        "report": report,
        "meeting": report.meeting,
        "point": point,
        "found": next(one for one in report.verdict.points if one.room == room),
        "checks": [check for check in report.checks if check.room == room],
    }
    return page(request, "meeting_point.html", **values)


@router.get("/{uid:path}")
def meeting_page(request: Request, caller: CallerDep, uid: str) -> HTMLResponse:
    """Show whether a meeting will work, and where not, why; while it runs, how it is heard."""
    with caller.read() as session:
        report = service.latest_readiness(session, caller.actor, uid)
        points = service.list_points(session, caller.actor, uid)
        live = service.live(session, caller.actor, uid)
    values: dict[str, Any] = {
        "report": report,
        "meeting": report.meeting,
        "live": live,
        "now": clock.now(),
        "matrix": _matrix(report, points),
        "verdicts": {point.room: point for point in report.verdict.points},
        "bridge_checks": [check for check in report.checks if check.room is None],
    }
    return page(request, "meeting.html", **values)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Points by their tightest uplink, the checks made of them, and each result."""

    checks: list[str]
    groups: list[tuple[str, list[service.PointRow]]]
    results: dict[tuple[str, str], str]
    figures: dict[str, str]


def _matrix(report: service.ReadinessReport, points: list[service.PointRow]) -> Matrix:
    own = [check for check in report.checks if check.room is not None]
    results = {(check.room or "", check.check): check.result for check in own}
    lines = {
        check.room: str(check.measured.get("line", "")).partition(":")[2]
        for check in own
        if check.check == Check.SHARED_HEADROOM
    }
    groups: dict[str, list[service.PointRow]] = {}
    order = {"not_ready": 0, "unknown": 1, "at_risk": 2, "ready": 3}
    verdicts = {one.room: order.get(one.verdict, 1) for one in report.verdict.points}
    for point in sorted(points, key=lambda one: (verdicts[one.room], one.name)):
        groups.setdefault(lines.get(point.room, ""), []).append(point)
    # A column in which nothing could be looked at says no more than the line above it.
    made = {check.check for check in own if check.result != CheckResult.SKIP}
    shown: list[str] = [name for name in Check if name in made]
    figures = {
        check.room or "": meeting_words.path_figures(check.measured)
        for check in own
        if check.check == Check.PATH
    }
    return Matrix(shown, list(groups.items()), results, figures)


@router.post("/{uid:path}/check")
def check(caller: CallerDep, uid: str) -> RedirectResponse:
    """Look at every point now."""
    parts = caller.context
    ways, terms = service.Ways.of(parts.settings), service.Terms.of(parts.settings)
    service.check_readiness(parts.db, caller.actor, uid, ways=ways, terms=terms)
    return RedirectResponse(f"/meetings/{quote(uid, safe='')}", 303)
