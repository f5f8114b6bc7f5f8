"""The province as it stood at any moment that is kept, with a slider to move through time."""

from datetime import datetime
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import AwareDatetime

from alerts import service as alerts
from api import overview
from api.callers import Caller, CallerDep
from api.network import draw
from api.web.network import broken
from api.web.rendering import page
from hatang import clock
from hatang.db import AnySession
from monitors import past

router = APIRouter(prefix="/network/past")
SPANS: Final = (1, 7, 30)
"""Days that the slider can be stretched over, beside all that is kept."""
MINUTE: Final = 60
At = Annotated[AwareDatetime | None, Query()]


@router.get("")
def past_page(
    request: Request, caller: CallerDep, at: At = None, local: datetime | None = None
) -> HTMLResponse:
    """Show the slider and the state at `at`, or at `local` in the settings' time zone."""
    zone = ZoneInfo(caller.context.settings.timezone)
    if local is not None:
        at = local.replace(tzinfo=zone)
    now = clock.now()
    with caller.read() as session:
        kept = past.kept_since(session)
        if at is not None:
            past.check_moment(session, at)
        values = _moment(session, caller, at)
    shown = (at or now).astimezone(zone)
    first = (kept or now).astimezone(zone)
    bounds: dict[str, Any] = {
        "kept": kept,
        "first": -(-int(first.timestamp()) // MINUTE) * MINUTE,
        "last": int(now.timestamp()) // MINUTE * MINUTE,
        "chosen": int(shown.timestamp()) // MINUTE * MINUTE,
        "local": {name: f"{each:%Y-%m-%dT%H:%M}" for name, each in _locals(first, shown, now)},
        "zone": zone.key,
        "spans": SPANS,
        "source": _source(at),
    }
    return page(request, "past.html", **values, **bounds)


@router.get("/part")
def part(request: Request, caller: CallerDep, at: At = None) -> HTMLResponse:
    """Show what changes while the slider moves."""
    with caller.read() as session:
        return page(request, "past_part.html", **_moment(session, caller, at))


def _moment(session: AnySession, caller: Caller, at: datetime | None) -> dict[str, Any]:
    status = overview.network_status(session, caller.actor, at)
    topology = caller.context.topology(session)
    found = alerts.incidents_at(session, caller.actor, status.at, limit=overview.INCIDENTS_SHOWN)
    return {
        "status": status,
        "incidents": overview.worst_first(found.incidents),
        **broken(draw(session, caller.actor, topology, at)),
    }


def _locals(first: datetime, shown: datetime, now: datetime) -> tuple[tuple[str, datetime], ...]:
    return (("first", first), ("shown", shown), ("last", now.astimezone(first.tzinfo)))


def _source(at: datetime | None) -> str:
    if at is None:
        return "/network/drawing"
    moment = at.astimezone(ZoneInfo("UTC"))
    return f"/network/drawing?at={moment:%Y-%m-%dT%H:%M:%SZ}"
