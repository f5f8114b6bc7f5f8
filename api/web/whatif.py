"""Conference: which lines and ports would run out, were a meeting held as well."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from api.callers import Caller, CallerDep
from api.web import moments
from api.web.rendering import page
from api.web.words import Badge
from conference import service
from conference.choices import CheckResult, PointRole
from conference.service.meetings import DEFAULT_CALL_KBPS
from hatang import clock
from hatang.errors import InvalidInputError, Problem
from hatang.i18n import _, ngettext
from inventory import service as inventory
from inventory.rows import EVERYTHING

router = APIRouter(prefix="/whatif")


class Asked(BaseModel):
    """A meeting as it is typed; `every` takes every room that the asker sees."""

    bridge: str = Field(default="", max_length=100)
    starts_at: str = Field(default="", max_length=40)
    ends_at: str = Field(default="", max_length=40)
    call_kbps: int = Field(default=DEFAULT_CALL_KBPS, ge=0, le=1_000_000)
    content_kbps: int = Field(default=0, ge=0, le=1_000_000)
    every: bool = False
    rooms: list[Annotated[str, Field(max_length=64)]] = Field(default=[], max_length=2_000)


@router.get("")
def empty_page(request: Request, caller: CallerDep) -> HTMLResponse:
    """Show the form, for a meeting of two hours tomorrow."""
    zone = caller.context.settings.timezone
    start = clock.now() + timedelta(days=1)
    asked = Asked(
        starts_at=moments.shown(start, zone),
        ends_at=moments.shown(start + timedelta(hours=2), zone),
        every=True,
    )
    return _page(request, caller, asked)


@router.post("")
def answer_page(
    request: Request, caller: CallerDep, asked: Annotated[Asked, Form()]
) -> HTMLResponse:
    """Show what would run out; nothing is written and nothing measured."""
    terms = service.Terms.of(caller.context.settings)
    try:
        with caller.read() as session:
            rooms = asked.rooms
            if asked.every:
                found = inventory.list_rooms(session, caller.actor, EVERYTHING)
                rooms = [row.code for row in found.items]
            wanted = _wanted(asked, rooms, caller.context.settings.timezone)
            answer = service.what_if(session, caller.actor, wanted, terms)
    except InvalidInputError as error:
        return _page(request, caller, asked, problems=error.problems)
    return _page(request, caller, asked, answer=answer, points=len(rooms))


def _wanted(asked: Asked, rooms: list[str], zone: str) -> service.MeetingInput:
    """Return the meeting; raises InvalidInputError with every time that is none."""
    problems: list[Problem] = []

    def time(field: str, text: str) -> datetime:
        try:
            return moments.needed(field, text, zone)
        except InvalidInputError as error:
            problems.extend(error.problems)
            return clock.now()

    begin, end = time("starts_at", asked.starts_at), time("ends_at", asked.ends_at)
    if problems:
        raise InvalidInputError(problems)
    return service.MeetingInput(
        uid="whatif",
        title="whatif",
        starts_at=begin,
        ends_at=end,
        bridge=asked.bridge,
        points=[service.PointInput(room, PointRole.VIEWER, required=True) for room in rooms],
        call_kbps=asked.call_kbps,
        content_kbps=asked.content_kbps,
    )


def _page(
    request: Request,
    caller: Caller,
    asked: Asked,
    *,
    answer: service.WhatIf | None = None,
    points: int = 0,
    problems: tuple[Problem, ...] = (),
) -> HTMLResponse:
    with caller.read() as session:
        bridges = inventory.list_bridges(session, caller.actor, EVERYTHING).items
        rooms = inventory.list_rooms(session, caller.actor, EVERYTHING).items
    values: dict[str, Any] = {
        "asked": asked,
        "bridges": bridges,
        "rooms": rooms,
        "answer": answer,
        "points": points,
        "problems": problems,
        "badge": None if answer is None else _badge(answer),
    }
    return page(request, "whatif.html", 422 if problems else 200, **values)


def _badge(answer: service.WhatIf) -> Badge:
    """Return whether the meeting fits; what nobody knows does not count as that it does."""
    fails = answer.bridge_result == CheckResult.FAIL
    lacking = len(answer.congested) + fails
    if lacking:
        text = ngettext("%(num)d thing would run out", "%(num)d things would run out", lacking)
        return Badge(text % {"num": lacking}, "circle-x", "bad")
    if answer.not_known or answer.unrated or answer.bridge_result != CheckResult.PASS:
        return Badge(_("cannot be told for all of it"), "help-circle", "unknown")
    return Badge(_("it would fit"), "circle-check", "good")
