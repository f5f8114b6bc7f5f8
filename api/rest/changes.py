"""Change sets: from intent to plan, a second person's approval, execution."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.callers import CallerDep
from api.rest.paging import Page, Sort, WindowDep, page_of
from api.rest.schemas.changes import (
    Change,
    ChangeCreate,
    ChangeDetail,
    Created,
    Decision,
    Doubt,
    Planned,
    Started,
)
from hatang.auth import Permission
from playbooks import changes
from playbooks.choices import ChangeState

router = APIRouter(prefix="/changes", tags=["changes"])
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("")
def list_changes(
    caller: CallerDep,
    window: WindowDep,
    state: Annotated[ChangeState | None, Query()] = None,
    sort: Sort = "",
) -> Page[Change]:
    """Return change sets, newest first."""
    query = window.query({"state": state}, sort=sort)
    with caller.read() as session:
        return page_of(Change, changes.list_changes(session, caller.actor, query))


@router.get("/doubts")
def list_doubts(caller: CallerDep, window: WindowDep, sort: Sort = "") -> Page[Doubt]:
    """Return devices of which no push can say what they hold now: a person must look."""
    query = window.query({}, sort=sort)
    with caller.read() as session:
        return page_of(Doubt, changes.list_doubts(session, caller.actor, query))


@router.post("", status_code=201)
def create_change(caller: CallerDep, body: ChangeCreate) -> Created:
    """Write down what is wanted; nothing is computed or changed yet."""
    draft = changes.Draft(body.title, body.reason, body.texts, body.revert_seconds)
    with caller.write() as session:
        return Created(id=changes.create(session, caller.actor, draft))


@router.get("/{number}")
def get_change(caller: CallerDep, number: Number) -> ChangeDetail:
    """Return a change set with the devices' own differences, grouped."""
    with caller.read() as session:
        return ChangeDetail.model_validate(changes.get_change(session, caller.actor, number))


@router.post("/{number}/plan")
def plan_change(caller: CallerDep, number: Number) -> Planned:
    """Let every device compute its difference; nothing is changed."""
    with caller.read() as session:
        changes.get_change(session, caller.actor, number)
    parts = caller.context
    digest = changes.plan(parts.db, parts.host_keys, caller.actor, number)
    return Planned(plan_sha256=digest)


@router.post("/{number}/submit")
def submit_change(caller: CallerDep, number: Number) -> Created:
    """Ask a second person for approval of the plan; returns the approval's number."""
    with caller.write() as session:
        return Created(id=changes.submit(session, caller.actor, number))


@router.post("/{number}/approve", status_code=204)
def approve_change(caller: CallerDep, number: Number, body: Decision) -> None:
    """Approve exactly the plan with this hash; who asked cannot."""
    _decide(caller, number, body, approve=True)


@router.post("/{number}/reject", status_code=204)
def reject_change(caller: CallerDep, number: Number, body: Decision) -> None:
    """Reject the plan with this hash."""
    _decide(caller, number, body, approve=False)


@router.post("/{number}/execute", status_code=202)
def execute_change(caller: CallerDep, number: Number) -> Started:
    """Start an approved change: one durable job a device."""
    caller.prove(Permission.CHANGE_EXECUTE)
    with caller.write() as session:
        return Started(jobs=changes.execute(session, caller.actor, number))


@router.post("/{number}/cancel")
def cancel_change(caller: CallerDep, number: Number) -> Started:
    """Cancel what has not begun; returns the jobs that were waiting."""
    with caller.write() as session:
        return Started(jobs=changes.cancel(session, caller.actor, number))


def _decide(caller: CallerDep, number: int, body: Decision, *, approve: bool) -> None:
    caller.prove(Permission.CHANGE_APPROVE)
    with caller.write() as session:
        changes.decide(
            session,
            caller.actor,
            number,
            body.plan_sha256,
            approve=approve,
            comment=body.comment,
        )
