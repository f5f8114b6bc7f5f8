"""Schedules of playbook runs: what comes again, what became of each time, and asking for one."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from api.callers import Caller, CallerDep
from api.rest.paging import RowNumber, WindowDep
from api.web import lists, moments, run_words, schedule_words, words
from api.web.problems import tell
from api.web.rendering import page
from hatang import clock
from hatang.auth import Permission
from hatang.calendar.recurrence import Frequency, Rule
from playbooks import catalogue, schedules
from playbooks.changes.selecting import Selection

router = APIRouter(prefix="/schedules")
Digest = Annotated[str, Form(pattern=r"^[0-9a-f]{64}$")]
Reason = Annotated[str, Form(max_length=4_000)]
Comment = Annotated[str, Form(max_length=4_000)]
EACH_DAY: Final = tuple(range(7))


class ScheduleForm(BaseModel):
    """A schedule as it is typed; `values` stand beside the `parameters` they are for."""

    playbook: str = Field(max_length=100)
    devices: str = Field(default="", max_length=20_000)
    sites: str = Field(default="", max_length=4_000)
    units: str = Field(default="", max_length=4_000)
    roles: str = Field(default="", max_length=1_000)
    platforms: list[str] = Field(default=[], max_length=50)
    reason: str = Field(default="", max_length=4_000)
    frequency: Annotated[str, Field(pattern="^(daily|weekly|monthly)$")] = "daily"
    weekdays: list[int] = Field(default=[], max_length=7)
    monthday: int | None = Field(default=None, ge=-1, le=31)
    begin: str = Field(default="", max_length=40)
    minutes: int = Field(default=60, ge=1, le=1_440)
    first: str = Field(default="", max_length=40)
    until: str = Field(default="", max_length=40)
    check_mode: bool = False
    parameters: list[str] = Field(default=[], max_length=100)
    values: list[str] = Field(default=[], max_length=100)


@router.get("")
def list_page(request: Request, caller: CallerDep, window: WindowDep) -> HTMLResponse:
    """Show schedules, newest first, with their next and last times."""
    with caller.read() as session:
        found = schedules.list_schedules(session, caller.actor, window.query({}))
    return page(request, "schedules.html", found=found, window=window, **_words())


@router.get("/new")
def form_page(
    request: Request, caller: CallerDep, playbook: Annotated[str, Query(max_length=100)] = ""
) -> HTMLResponse:
    """Show the playbooks that can come again, or the form for one of them."""
    caller.actor.acting(Permission.CHANGE_READ)
    zone = caller.context.settings.timezone
    return page(
        request,
        "schedule_new.html",
        name=playbook,
        book=catalogue.playbook(playbook) if playbook else None,
        books=sorted(catalogue.all_playbooks().items()),
        today=moments.shown(clock.now(), zone)[:10],
        zone=zone,
        **_words(),
    )


@router.post("")
def propose(caller: CallerDep, form: Annotated[ScheduleForm, Form()]) -> RedirectResponse:
    """Propose runs that come again."""
    caller.prove(Permission.CHANGE_EXECUTE)
    draft = schedules.ScheduleDraft(
        playbook=form.playbook,
        targets=Selection(
            names=tuple(lists.words(form.devices)),
            sites=tuple(lists.words(form.sites)),
            units=tuple(lists.words(form.units)),
            roles=tuple(lists.words(form.roles)),
            platforms=tuple(form.platforms),
        ),
        rule=_rule(form),
        timezone=caller.context.settings.timezone,
        reason=form.reason,
        parameters={
            name: value.strip()
            for name, value in zip(form.parameters, form.values, strict=False)
            if value.strip()
        },
        is_check_mode=form.check_mode,
    )
    with caller.write() as session:
        number = schedules.propose(session, caller.actor, draft)
    return _back(number)


def _rule(form: ScheduleForm) -> Rule:
    is_monthly = form.frequency == Frequency.MONTHLY
    weekly = EACH_DAY if form.frequency == "daily" else tuple(sorted(set(form.weekdays)))
    return Rule(
        frequency=Frequency.MONTHLY if is_monthly else Frequency.WEEKLY,
        begin=moments.hour("begin", form.begin),
        minutes=form.minutes,
        first=moments.day("first", form.first),
        until=moments.day("until", form.until),
        weekdays=() if is_monthly else weekly,
        monthday=form.monthday if is_monthly else None,
    )


@router.get("/{number}")
def schedule_page(
    request: Request, caller: CallerDep, window: WindowDep, number: RowNumber
) -> HTMLResponse:
    """Show one schedule: what was approved, and what became of its times."""
    with caller.read() as session:
        found = schedules.get_schedule(session, caller.actor, number)
        times = schedules.list_occurrences(session, caller.actor, number, window.query({}))
    told: dict[str, Any] = {"row": found, "times": times, "window": window}
    return page(request, "schedule.html", person=caller.actor.name, **told, **_words())


@router.post("/{number}/approve")
def approve(
    caller: CallerDep, number: RowNumber, sha256: Digest, comment: Comment = ""
) -> RedirectResponse:
    """Approve exactly what was read, for all of its times."""
    return _decide(caller, number, sha256, comment, approve=True)


@router.post("/{number}/reject")
def reject(
    caller: CallerDep, number: RowNumber, sha256: Digest, comment: Comment = ""
) -> RedirectResponse:
    """Reject exactly what was read."""
    return _decide(caller, number, sha256, comment, approve=False)


@router.post("/{number}/pause")
def pause(caller: CallerDep, number: RowNumber, reason: Reason) -> RedirectResponse:
    """Let it start nothing until it is resumed."""
    with caller.write() as session:
        schedules.pause(session, caller.actor, number, reason)
    return _back(number)


@router.post("/{number}/resume")
def resume(caller: CallerDep, number: RowNumber) -> RedirectResponse:
    """Let it go on, or ask for its approval anew."""
    caller.prove(Permission.CHANGE_EXECUTE)
    with caller.write() as session:
        schedules.resume(session, caller.actor, number)
    return _back(number)


@router.post("/{number}/end")
def end(caller: CallerDep, number: RowNumber, reason: Reason) -> RedirectResponse:
    """End it for good."""
    with caller.write() as session:
        schedules.end(session, caller.actor, number, reason)
    return _back(number)


def _decide(
    caller: Caller, number: int, sha256: str, comment: str, *, approve: bool
) -> RedirectResponse:
    caller.prove(Permission.CHANGE_APPROVE)
    with caller.write() as session:
        schedules.decide(session, caller.actor, number, sha256, approve=approve, comment=comment)
    return _back(number)


def _back(number: int) -> RedirectResponse:
    return RedirectResponse(f"/schedules/{number}", 303)


def _words() -> dict[str, Any]:
    return {
        "tell": tell,
        "run_words": run_words,
        "schedule_words": schedule_words,
        "weekdays": words.weekdays(),
    }
