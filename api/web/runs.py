"""Playbook runs: what ran on which servers, and what they say while they are at it."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.callers import Caller, CallerDep
from api.rest.paging import RowNumber, WindowDep
from api.web import run_words
from api.web.rendering import page
from playbooks import runs
from playbooks.choices import RunState

router = APIRouter(prefix="/runs")
EVENTS_SHOWN = 500
_MOVING = frozenset({RunState.PENDING, RunState.RUNNING})
_WITH_REASON = frozenset(
    {
        "refused",
        "devices_unfinished",
        "devices_unknown",
        "runner_on_failed",
        "runner_on_unreachable",
    }
)


@router.get("")
def list_page(request: Request, caller: CallerDep, window: WindowDep) -> HTMLResponse:
    """Show runs, newest first."""
    with caller.read() as session:
        found = runs.list_runs(session, caller.actor, window.query({}))
    rows, total = found.items, found.total
    told: dict[str, Any] = {"rows": rows, "total": total, "window": window, "run_words": run_words}
    return page(request, "runs.html", **told)


@router.get("/{number}")
def run_page(request: Request, caller: CallerDep, number: RowNumber) -> HTMLResponse:
    """Show one run with what became of each device, and its newest events."""
    return page(request, "run.html", **_told(caller, number))


@router.get("/{number}/live")
def live_part(request: Request, caller: CallerDep, number: RowNumber) -> HTMLResponse:
    """Show again what moves on a run's page: its state, its devices and its events."""
    return page(request, "run_live.html", **_told(caller, number))


def _told(caller: Caller, number: int) -> dict[str, Any]:
    with caller.read() as session:
        run = runs.get_run(session, caller.actor, number)
        events = runs.list_events(session, caller.actor, number)
    return {
        "run": run,
        "run_words": run_words,
        "with_reason": _WITH_REASON,
        "is_moving": run.state in _MOVING,
        "events": events[-EVENTS_SHOWN:],
        "left_out": max(0, len(events) - EVENTS_SHOWN),
    }
