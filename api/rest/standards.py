"""Standard changes, approved once for small work; and times in which nothing is changed."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.callers import Caller, CallerDep
from api.rest.paging import RowNumber
from api.rest.schemas.changes import (
    Created,
    Freeze,
    FreezeCreate,
    StandardChange,
    StandardCreate,
    StandardDecision,
)
from hatang.auth import Permission
from playbooks import changes

router = APIRouter(tags=["changes"])
Word = Annotated[str, Path(max_length=100)]


@router.get("/standard-changes")
def list_standard_changes(caller: CallerDep) -> list[StandardChange]:
    """Return standard changes by name, those no longer in force too."""
    with caller.read() as session:
        found = changes.list_standards(session, caller.actor)
    return [StandardChange.model_validate(one) for one in found]


@router.post("/standard-changes", status_code=201)
def define_standard_change(caller: CallerDep, body: StandardCreate) -> Created:
    """Write a standard change down and ask for its approval."""
    draft = changes.StandardDraft(**body.model_dump())
    with caller.write() as session:
        return Created(id=changes.define(session, caller.actor, draft))


@router.post("/standard-changes/{name}/approve", status_code=204)
def approve_standard_change(caller: CallerDep, name: Word, body: StandardDecision) -> None:
    """Approve exactly the standard change with this hash; who asked cannot."""
    _decide(caller, name, body, approve=True)


@router.post("/standard-changes/{name}/reject", status_code=204)
def reject_standard_change(caller: CallerDep, name: Word, body: StandardDecision) -> None:
    """Reject the standard change with this hash."""
    _decide(caller, name, body, approve=False)


@router.delete("/standard-changes/{name}", status_code=204)
def withdraw_standard_change(caller: CallerDep, name: Word) -> None:
    """End a standard change before it expires."""
    with caller.write() as session:
        changes.withdraw_standard(session, caller.actor, name)


@router.get("/freezes")
def list_freezes(caller: CallerDep) -> list[Freeze]:
    """Return the times in which nothing is changed somewhere, that are not over."""
    with caller.read() as session:
        found = changes.list_freezes(session, caller.actor)
    return [Freeze.model_validate(one) for one in found]


@router.post("/freezes", status_code=201)
def freeze(caller: CallerDep, body: FreezeCreate) -> Created:
    """Let nothing be changed at a unit, site or device for a time."""
    times = body.starts_at, body.ends_at
    with caller.write() as session:
        number = changes.freeze(session, caller.actor, body.element, times, body.reason)
    return Created(id=number)


@router.delete("/freezes/{number}", status_code=204)
def thaw(caller: CallerDep, number: RowNumber) -> None:
    """End a freeze now."""
    with caller.write() as session:
        changes.thaw(session, caller.actor, number)


def _decide(caller: Caller, name: str, body: StandardDecision, *, approve: bool) -> None:
    caller.prove(Permission.CHANGE_APPROVE)
    with caller.write() as session:
        changes.decide_standard(session, caller.actor, name, body.sha256, approve=approve)
