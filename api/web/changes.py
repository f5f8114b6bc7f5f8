"""Change sets: what will happen to whom, read to the end, then decided."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from api.callers import Caller, CallerDep
from api.rest.paging import RowNumber, WindowDep
from api.web.diffs import lines
from api.web.rendering import page
from hatang.auth import Permission
from playbooks import changes

router = APIRouter(prefix="/changes")
Text = Annotated[str, Form(max_length=4_000)]
Digest = Annotated[str, Form(pattern=r"^[0-9a-f]{64}$")]


@router.get("")
def list_page(request: Request, caller: CallerDep, window: WindowDep) -> HTMLResponse:
    """Show change sets, newest first."""
    with caller.read() as session:
        found = changes.list_changes(session, caller.actor, window.query({}))
        doubts = changes.list_doubts(session, caller.actor)
    return page(
        request,
        "changes.html",
        rows=found.items,
        total=found.total,
        window=window,
        doubts=doubts.items,
    )


@router.get("/{number}")
def change_page(request: Request, caller: CallerDep, number: RowNumber) -> HTMLResponse:
    """Show one change set; the decision stands below everything there is to read."""
    with caller.read() as session:
        detail = changes.get_change(session, caller.actor, number)
    groups = [(group, lines(group.diff)) for group in detail.groups]
    return page(
        request,
        "change.html",
        change=detail.change,
        targets=detail.targets,
        groups=groups,
        is_mine=detail.change.requester == caller.actor.name,
        has_second_factor=caller.identity.has_second_factor,
    )


@router.post("/{number}/plan")
def plan(caller: CallerDep, number: RowNumber) -> RedirectResponse:
    """Let every device compute its difference."""
    with caller.read() as session:
        changes.get_change(session, caller.actor, number)
    changes.plan(caller.context.db, caller.context.host_keys, caller.actor, number)
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
