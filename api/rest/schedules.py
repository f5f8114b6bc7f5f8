"""Runs of playbooks that come again, approved once for all of them."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.callers import Caller, CallerDep
from api.rest.paging import Page, RowNumber, Sort, WindowDep, page_of
from api.rest.schemas.changes import Created, Decision
from api.rest.schemas.schedules import Because, Occurrence, Schedule, ScheduleCreate, StateNow
from hatang.auth import Permission
from hatang.calendar.recurrence import Rule
from playbooks import schedules
from playbooks.changes.selecting import Selection
from playbooks.choices import ScheduleState

router = APIRouter(prefix="/schedules", tags=["playbooks"])


@router.get("")
def list_schedules(
    caller: CallerDep,
    window: WindowDep,
    state: Annotated[ScheduleState | None, Query()] = None,
    sort: Sort = "",
) -> Page[Schedule]:
    """Return schedules, newest first."""
    query = window.query({"state": state}, sort=sort)
    with caller.read() as session:
        return page_of(Schedule, schedules.list_schedules(session, caller.actor, query))


@router.post("", status_code=201)
def propose_schedule(caller: CallerDep, body: ScheduleCreate) -> Created:
    """Propose runs that come again; another person approves them once."""
    caller.prove(Permission.CHANGE_EXECUTE)
    given = body.rule.model_dump() | {"weekdays": tuple(body.rule.weekdays)}
    draft = schedules.ScheduleDraft(
        playbook=body.playbook,
        targets=Selection(**{name: tuple(one) for name, one in body.targets.model_dump().items()}),
        rule=Rule(**given),
        timezone=body.timezone or caller.context.settings.timezone,
        reason=body.reason,
        parameters=body.parameters,
        is_check_mode=body.check_mode,
    )
    with caller.write() as session:
        return Created(id=schedules.propose(session, caller.actor, draft))


@router.get("/{number}")
def get_schedule(caller: CallerDep, number: RowNumber) -> Schedule:
    """Return one schedule."""
    with caller.read() as session:
        return Schedule.model_validate(schedules.get_schedule(session, caller.actor, number))


@router.get("/{number}/occurrences")
def list_occurrences(caller: CallerDep, window: WindowDep, number: RowNumber) -> Page[Occurrence]:
    """Return what became of a schedule's times, the latest first."""
    query = window.query({})
    with caller.read() as session:
        found = schedules.list_occurrences(session, caller.actor, number, query)
        return page_of(Occurrence, found)


@router.post("/{number}/approve", status_code=204)
def approve_schedule(caller: CallerDep, number: RowNumber, body: Decision) -> None:
    """Approve exactly the schedule with this hash, for all of its times; who asked cannot."""
    _decide(caller, number, body, approve=True)


@router.post("/{number}/reject", status_code=204)
def reject_schedule(caller: CallerDep, number: RowNumber, body: Decision) -> None:
    """Reject the schedule with this hash."""
    _decide(caller, number, body, approve=False)


@router.post("/{number}/pause", status_code=204)
def pause_schedule(caller: CallerDep, number: RowNumber, body: Because) -> None:
    """Let it start nothing until it is resumed."""
    with caller.write() as session:
        schedules.pause(session, caller.actor, number, body.reason)


@router.post("/{number}/resume")
def resume_schedule(caller: CallerDep, number: RowNumber) -> StateNow:
    """Let it go on; where its approval is void, approval is asked for anew."""
    caller.prove(Permission.CHANGE_EXECUTE)
    with caller.write() as session:
        return StateNow(state=schedules.resume(session, caller.actor, number))


@router.post("/{number}/end", status_code=204)
def end_schedule(caller: CallerDep, number: RowNumber, body: Because) -> None:
    """End it for good; a run under way goes on."""
    with caller.write() as session:
        schedules.end(session, caller.actor, number, body.reason)


def _decide(caller: Caller, number: int, body: Decision, *, approve: bool) -> None:
    caller.prove(Permission.CHANGE_APPROVE)
    with caller.write() as session:
        schedules.decide(
            session, caller.actor, number, body.plan_sha256, approve=approve, comment=body.comment
        )
