"""Change sets: what will happen to whom, read to the end, then decided."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.attachments import evidence_file
from api.callers import Caller, CallerDep
from api.rest.paging import RowNumber, WindowDep
from api.web.changeforms import ChangeForm
from api.web.diffs import lines
from api.web.rendering import page
from hatang.auth import Permission
from inventory.choices import DeviceRole
from playbooks import changes, drift
from playbooks.pace import Pace

router = APIRouter(prefix="/changes")
LINES_SHOWN: Final = 200
PREFILLED: Final = ("source", "title", "versions", "intended", "names")
Text = Annotated[str, Form(max_length=4_000)]
Digest = Annotated[str, Form(pattern=r"^[0-9a-f]{64}$")]


@router.get("")
def list_page(request: Request, caller: CallerDep, window: WindowDep) -> HTMLResponse:
    """Show change sets, newest first."""
    with caller.read() as session:
        found = changes.list_changes(session, caller.actor, window.query({}))
        doubts = changes.list_doubts(session, caller.actor)
        unreviewed = changes.list_unreviewed(session, caller.actor)
    return page(
        request,
        "changes.html",
        rows=found.items,
        total=found.total,
        window=window,
        doubts=doubts.items,
        unreviewed=unreviewed,
    )


@router.get("/new")
def compose_page(request: Request, caller: CallerDep) -> HTMLResponse:
    """Show the form that a change is written down with, filled in with what the address says."""
    given = {name: request.query_params[name] for name in PREFILLED if name in request.query_params}
    return _form(request, caller, given, None)


@router.post("/new", response_model=None)
def compose(
    request: Request, caller: CallerDep, form: Annotated[ChangeForm, Form()]
) -> HTMLResponse | RedirectResponse:
    """Show what each device would get, or write the change down and go to it."""
    zone = caller.context.settings.timezone
    wanted = form.wanted(zone)
    if form.action == "preview":
        with caller.read() as session:
            found = changes.preview(session, caller.actor, wanted)
        return _form(request, caller, form.model_dump(), found)
    with caller.read() as session:
        draft = changes.drafted(session, caller.actor, wanted)
    with caller.write() as session:
        number = changes.create(session, caller.actor, draft)
    return _back(number)


def _form(
    request: Request,
    caller: Caller,
    values: dict[str, Any],
    groups: list[changes.PreviewGroup] | None,
) -> HTMLResponse:
    with caller.read() as session:
        standards = changes.list_standards(session, caller.actor)
        may_read = caller.actor.may(Permission.VAULT_READ)
        intended = drift.list_names(session, caller.actor) if may_read else []
    return page(
        request,
        "change_new.html",
        values=values,
        groups=groups,
        roles=[role.value for role in DeviceRole],
        standards=[each for each in standards if each.state == "approved"],
        intended=intended,
    )


@router.get("/{number}")
def change_page(request: Request, caller: CallerDep, number: RowNumber) -> HTMLResponse:
    """Show one change set; the decision stands below everything there is to read."""
    return _shown(request, caller, number, "change.html")


@router.get("/{number}/live")
def live_part(request: Request, caller: CallerDep, number: RowNumber) -> HTMLResponse:
    """Show again what moves on a change's page: its state, its devices and its lines."""
    return _shown(request, caller, number, "change_live.html")


def _shown(request: Request, caller: Caller, number: int, template: str) -> HTMLResponse:
    with caller.read() as session:
        detail = changes.get_change(session, caller.actor, number)
        told = changes.list_lines(session, caller.actor, number, newest=LINES_SHOWN)
    groups = [(group, lines(group.diff)) for group in detail.groups]
    return page(
        request,
        template,
        change=detail.change,
        targets=detail.targets,
        groups=groups,
        spread=detail.spread,
        impact=detail.impact,
        approvals=detail.approvals,
        checks=detail.checks,
        told=told,
        is_mine=detail.change.requester == caller.actor.name,
        has_second_factor=caller.identity.has_second_factor,
    )


@router.post("/{number}/pause")
def pause(caller: CallerDep, number: RowNumber) -> RedirectResponse:
    """Let no further device begin."""
    with caller.write() as session:
        changes.pause(session, caller.actor, number)
    return _back(number)


@router.post("/{number}/resume")
def resume(caller: CallerDep, number: RowNumber) -> RedirectResponse:
    """Let a paused change go on."""
    caller.prove(Permission.CHANGE_EXECUTE)
    with caller.write() as session:
        changes.resume(session, caller.actor, number)
    return _back(number)


@router.post("/{number}/retry")
def retry(caller: CallerDep, number: RowNumber) -> RedirectResponse:
    """Try again what failed and holds its old configuration."""
    caller.prove(Permission.CHANGE_EXECUTE)
    with caller.write() as session:
        changes.retry(session, caller.actor, number)
    return _back(number)


@router.post("/{number}/roll-back")
def roll_back(caller: CallerDep, number: RowNumber) -> RedirectResponse:
    """Give every device its old configuration back, the last wave first."""
    caller.prove(Permission.CHANGE_EXECUTE)
    with caller.write() as session:
        changes.roll_back(session, caller.actor, number)
    return _back(number)


@router.post("/{number}/break-glass")
def break_glass(
    caller: CallerDep, number: RowNumber, plan_sha256: Digest, reason: Text = ""
) -> RedirectResponse:
    """Approve the plan that was shown without a second person."""
    caller.prove(Permission.CHANGE_BREAK_GLASS)
    with caller.write() as session:
        changes.break_glass(session, caller.actor, number, plan_sha256, reason)
    return _back(number)


@router.post("/{number}/review")
def review(caller: CallerDep, number: RowNumber, text: Text) -> RedirectResponse:
    """Keep what another person thinks of a broken glass."""
    caller.prove(Permission.CHANGE_APPROVE)
    with caller.write() as session:
        changes.review(session, caller.actor, number, text)
    return _back(number)


@router.post("/{number}/evidence")
def evidence(caller: CallerDep, number: RowNumber) -> Response:
    """Return the signed evidence as a ZIP."""
    return evidence_file(caller.context.db, caller.actor, number)


@router.post("/{number}/plan")
def plan(caller: CallerDep, number: RowNumber) -> RedirectResponse:
    """Let every device compute its difference."""
    with caller.read() as session:
        changes.get_change(session, caller.actor, number)
    parts = caller.context
    pace = Pace.of(parts.settings)
    changes.plan(parts.db, parts.host_keys, caller.actor, number, pace=pace)
    return _back(number)


@router.post("/{number}/submit")
def submit(caller: CallerDep, number: RowNumber) -> RedirectResponse:
    """Ask for approval."""
    with caller.write() as session:
        changes.submit(session, caller.actor, number)
    return _back(number)


@router.post("/{number}/approve")
def approve(
    caller: CallerDep, number: RowNumber, plan_sha256: Digest, comment: Text = ""
) -> RedirectResponse:
    """Approve the plan that was shown."""
    return _decide(caller, number, plan_sha256, comment, approve=True)


@router.post("/{number}/reject")
def reject(
    caller: CallerDep, number: RowNumber, plan_sha256: Digest, comment: Text = ""
) -> RedirectResponse:
    """Reject the plan that was shown."""
    return _decide(caller, number, plan_sha256, comment, approve=False)


@router.post("/{number}/execute")
def execute(caller: CallerDep, number: RowNumber) -> RedirectResponse:
    """Start the approved change."""
    caller.prove(Permission.CHANGE_EXECUTE)
    with caller.write() as session:
        changes.execute(session, caller.actor, number)
    return _back(number)


@router.post("/{number}/cancel")
def cancel(caller: CallerDep, number: RowNumber) -> RedirectResponse:
    """Cancel what has not begun."""
    with caller.write() as session:
        changes.cancel(session, caller.actor, number)
    return _back(number)


def _decide(
    caller: Caller, number: int, digest: str, comment: str, *, approve: bool
) -> RedirectResponse:
    caller.prove(Permission.CHANGE_APPROVE)
    with caller.write() as session:
        changes.decide(session, caller.actor, number, digest, approve=approve, comment=comment)
    return _back(number)


def _back(number: int) -> RedirectResponse:
    return RedirectResponse(f"/changes/{number}", 303)
