"""What stands over single changes: those approved once for small work, windows, and freezes."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from api.callers import Caller, CallerDep
from api.rest.paging import RowNumber
from api.web import lists, moments, standing_words
from api.web.rendering import page
from hatang import clock
from hatang.auth import Permission
from hatang.errors import InvalidInputError, Problem
from inventory import platforms
from inventory.choices import Safety
from inventory.rows import Query
from playbooks import changes
from playbooks.choices import ChangeState

router = APIRouter(prefix="/changes")
Word = Annotated[str, Path(max_length=100)]
Digest = Annotated[str, Form(pattern=r"^[0-9a-f]{64}$")]
HALF_A_YEAR: Final = timedelta(days=180)
FREEZE_HOURS: Final = timedelta(hours=12)


class StandardForm(BaseModel):
    """A standard change as it is typed; each line of `ranges` is a parameter."""

    name: str = Field(default="", max_length=100)
    description: str = Field(default="", max_length=4_000)
    template: str = Field(default="", max_length=200_000)
    ranges: str = Field(default="", max_length=20_000)
    platforms: list[str] = Field(default=[], max_length=100)
    expires_at: str = Field(default="", max_length=40)


class FreezeForm(BaseModel):
    """A time in which nothing is changed somewhere, as it is typed."""

    element: str = Field(default="", max_length=200)
    starts_at: str = Field(default="", max_length=40)
    ends_at: str = Field(default="", max_length=40)
    reason: str = Field(default="", max_length=4_000)


@router.get("/standards")
def standards_page(request: Request, caller: CallerDep) -> HTMLResponse:
    """Show standard changes by name, and the form to ask for one more."""
    zone = caller.context.settings.timezone
    with caller.read() as session:
        found = changes.list_standards(session, caller.actor)
    return page(
        request,
        "standards.html",
        rows=found,
        standing=standing_words,
        person=caller.actor.name,
        platforms=[one for one in platforms.names() if _is_changed(one)],
        expires_at=moments.shown(clock.now() + HALF_A_YEAR, zone),
    )


@router.post("/standards")
def define(caller: CallerDep, form: Annotated[StandardForm, Form()]) -> RedirectResponse:
    """Write a standard change down and ask for its approval."""
    problems: list[Problem] = []
    ranges = lists.ranges(form.ranges, problems)
    if problems:
        raise InvalidInputError(problems)
    zone = caller.context.settings.timezone
    draft = changes.StandardDraft(
        name=form.name.strip(),
        description=form.description,
        template=form.template.replace("\r\n", "\n"),
        parameters=ranges,
        platforms=form.platforms,
        expires_at=moments.needed("expires_at", form.expires_at, zone),
    )
    with caller.write() as session:
        changes.define(session, caller.actor, draft)
    return RedirectResponse("/changes/standards", 303)


@router.post("/standards/{name}/approve")
def approve(caller: CallerDep, name: Word, sha256: Digest) -> RedirectResponse:
    """Approve exactly what was read."""
    return _decide(caller, name, sha256, approve=True)


@router.post("/standards/{name}/reject")
def reject(caller: CallerDep, name: Word, sha256: Digest) -> RedirectResponse:
    """Reject exactly what was read."""
    return _decide(caller, name, sha256, approve=False)


@router.post("/standards/{name}/withdraw")
def withdraw(caller: CallerDep, name: Word) -> RedirectResponse:
    """End a standard change before it expires."""
    with caller.write() as session:
        changes.withdraw_standard(session, caller.actor, name)
    return RedirectResponse("/changes/standards", 303)


@router.get("/freezes")
def freezes_page(request: Request, caller: CallerDep) -> HTMLResponse:
    """Show freezes that are not over, changes that wait for their window, and the form."""
    zone = caller.context.settings.timezone
    moment = clock.now()
    waiting = Query({"state": ChangeState.SCHEDULED.value})
    with caller.read() as session:
        found = changes.list_freezes(session, caller.actor)
        scheduled = changes.list_changes(session, caller.actor, waiting)
    return page(
        request,
        "freezes.html",
        rows=found,
        standing=standing_words,
        scheduled=scheduled.items,
        now=moment,
        starts_at=moments.shown(moment, zone),
        ends_at=moments.shown(moment + FREEZE_HOURS, zone),
    )


@router.post("/freezes")
def freeze(caller: CallerDep, form: Annotated[FreezeForm, Form()]) -> RedirectResponse:
    """Let nothing be changed somewhere for a time."""
    zone = caller.context.settings.timezone
    times = (
        moments.needed("starts_at", form.starts_at, zone),
        moments.needed("ends_at", form.ends_at, zone),
    )
    with caller.write() as session:
        changes.freeze(session, caller.actor, form.element.strip(), times, form.reason)
    return RedirectResponse("/changes/freezes", 303)


@router.post("/freezes/{number}/thaw")
def thaw(caller: CallerDep, number: RowNumber) -> RedirectResponse:
    """End a freeze now."""
    with caller.write() as session:
        changes.thaw(session, caller.actor, number)
    return RedirectResponse("/changes/freezes", 303)


def _is_changed(name: str) -> bool:
    return platforms.get(name).safety is not Safety.NONE


def _decide(caller: Caller, name: str, sha256: str, *, approve: bool) -> RedirectResponse:
    caller.prove(Permission.CHANGE_APPROVE)
    with caller.write() as session:
        changes.decide_standard(session, caller.actor, name, sha256, approve=approve)
    return RedirectResponse("/changes/standards", 303)
