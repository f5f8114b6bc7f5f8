"""Change sets: from intent to plan, a second person's approval, execution."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from api.attachments import evidence_file
from api.callers import CallerDep
from api.rest.drafting import drafted, wanted
from api.rest.paging import Page, Sort, WindowDep, page_of
from api.rest.schemas.changes import (
    Change,
    ChangeCreate,
    ChangeDetail,
    Created,
    Decision,
    Doubt,
    Glass,
    Line,
    Planned,
    Preview,
    Review,
    Started,
)
from hatang.auth import Permission
from playbooks import changes
from playbooks.choices import ChangeState
from playbooks.pace import Pace

router = APIRouter(prefix="/changes", tags=["changes"])
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
ZIP: dict[int | str, dict[str, object]] = {
    200: {
        "description": "The bundle",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


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
    if body.texts:
        with caller.write() as session:
            return Created(id=changes.create(session, caller.actor, drafted(body)))
    with caller.read() as session:
        draft = changes.drafted(session, caller.actor, wanted(body))
    with caller.write() as session:
        return Created(id=changes.create(session, caller.actor, draft))


@router.post("/preview")
def preview_change(caller: CallerDep, body: ChangeCreate) -> list[Preview]:
    """Return the lines each device would get, equal ones together; nothing is written down."""
    with caller.read() as session:
        found = changes.preview(session, caller.actor, wanted(body))
    return [Preview.model_validate(one) for one in found]


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
    pace = Pace.of(parts.settings)
    digest = changes.plan(parts.db, parts.host_keys, caller.actor, number, pace=pace)
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


@router.get("/{number}/lines")
def list_lines(
    caller: CallerDep, number: Number, after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0
) -> list[Line]:
    """Return what happened to a change, behind the line `after`; `/events` tells of new ones."""
    with caller.read() as session:
        found = changes.list_lines(session, caller.actor, number, after)
    return [Line.model_validate(one) for one in found]


@router.post("/{number}/break-glass", status_code=204)
def break_glass(caller: CallerDep, number: Number, body: Glass) -> None:
    """Approve the plan without a second person; it stays listed until one has reviewed it."""
    caller.prove(Permission.CHANGE_BREAK_GLASS)
    with caller.write() as session:
        changes.break_glass(session, caller.actor, number, body.plan_sha256, body.reason)


@router.post("/{number}/review", status_code=204)
def review_change(caller: CallerDep, number: Number, body: Review) -> None:
    """Say as another person what one thinks of a broken glass."""
    caller.prove(Permission.CHANGE_APPROVE)
    with caller.write() as session:
        changes.review(session, caller.actor, number, body.text)


@router.post("/{number}/pause", status_code=204)
def pause_change(caller: CallerDep, number: Number) -> None:
    """Let no further device begin."""
    with caller.write() as session:
        changes.pause(session, caller.actor, number)


@router.post("/{number}/resume", status_code=202)
def resume_change(caller: CallerDep, number: Number) -> Started:
    """Let a paused change go on."""
    caller.prove(Permission.CHANGE_EXECUTE)
    with caller.write() as session:
        return Started(jobs=changes.resume(session, caller.actor, number))


@router.post("/{number}/retry", status_code=202)
def retry_change(caller: CallerDep, number: Number) -> Started:
    """Try again what failed and certainly holds its old configuration."""
    caller.prove(Permission.CHANGE_EXECUTE)
    with caller.write() as session:
        return Started(jobs=changes.retry(session, caller.actor, number))


@router.post("/{number}/roll-back", status_code=202)
def roll_back_change(caller: CallerDep, number: Number) -> Started:
    """Give every device that holds the change its old configuration back, the last wave first."""
    caller.prove(Permission.CHANGE_EXECUTE)
    with caller.write() as session:
        return Started(jobs=changes.roll_back(session, caller.actor, number))


@router.post("/{number}/evidence", response_class=Response, responses=ZIP)
def export_evidence(caller: CallerDep, number: Number) -> Response:
    """Return the signed evidence of a change as a ZIP; that it was exported is kept."""
    return evidence_file(caller.context.db, caller.actor, number)


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
