"""Playbook runs, read-only commands on many devices, durable jobs."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.callers import CallerDep
from api.rest.paging import Page, Schema, Sort, WindowDep, page_of
from api.rest.schemas.changes import (
    AnswerGroup,
    Command,
    Created,
    Decision,
    Playbook,
    Run,
    RunCreate,
    RunEvent,
    Started,
)
from hatang.auth import Permission, require
from playbooks import runs
from playbooks.catalogue import all_playbooks
from playbooks.choices import RunState
from playbooks.commands import run_command
from playbooks.pace import Pace

router = APIRouter()
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/playbooks", tags=["playbooks"])
def list_playbooks(caller: CallerDep) -> list[Playbook]:
    """Return the reviewed playbooks; nothing else can be run."""
    require(caller.actor, Permission.CHANGE_READ)
    return [
        Playbook(
            name=name,
            title=book.title.model_dump(),
            platforms=list(book.platforms),
            writes=book.writes,
            parameters={
                each: found.model_dump(mode="json", exclude_defaults=True)
                for each, found in book.parameters.items()
            },
        )
        for name, book in all_playbooks().items()
    ]


@router.get("/runs", tags=["playbooks"])
def list_runs(
    caller: CallerDep,
    window: WindowDep,
    state: Annotated[RunState | None, Query()] = None,
    sort: Sort = "",
) -> Page[Run]:
    """Return playbook runs, newest first."""
    query = window.query({"state": state}, sort=sort)
    with caller.read() as session:
        return page_of(Run, runs.list_runs(session, caller.actor, query))


@router.post("/runs", status_code=202, tags=["playbooks"])
def create_run(caller: CallerDep, body: RunCreate) -> Created:
    """Queue a playbook; one that writes waits for approval unless it only checks."""
    caller.prove(Permission.CHANGE_EXECUTE)
    with caller.write() as session:
        found = runs.request(
            session,
            caller.actor,
            body.playbook,
            body.devices,
            check_mode=body.check_mode,
            parameters=body.parameters,
        )
        return Created(id=found)


@router.get("/runs/{number}", tags=["playbooks"])
def get_run(caller: CallerDep, number: Number) -> Run:
    """Return one run."""
    with caller.read() as session:
        return Run.model_validate(runs.get_run(session, caller.actor, number))


@router.post("/runs/{number}/approve", status_code=204, tags=["playbooks"])
def approve_run(caller: CallerDep, number: Number, body: Decision) -> None:
    """Approve exactly the run with this hash; who asked cannot."""
    _decide(caller, number, body, approve=True)


@router.post("/runs/{number}/reject", status_code=204, tags=["playbooks"])
def reject_run(caller: CallerDep, number: Number, body: Decision) -> None:
    """Reject the run with this hash."""
    _decide(caller, number, body, approve=False)


@router.post("/runs/{number}/start", status_code=202, tags=["playbooks"])
def start_run(caller: CallerDep, number: Number) -> Started:
    """Queue an approved run."""
    caller.prove(Permission.CHANGE_EXECUTE)
    with caller.write() as session:
        return Started(jobs=[runs.start(session, caller.actor, number)])


@router.post("/runs/{number}/retry", status_code=202, tags=["playbooks"])
def retry_run(caller: CallerDep, number: Number) -> Created:
    """Ask for the run anew on the devices that are not done; one that writes is approved anew."""
    caller.prove(Permission.CHANGE_EXECUTE)
    with caller.write() as session:
        return Created(id=runs.retry(session, caller.actor, number))


@router.post("/runs/{number}/cancel", status_code=204, tags=["playbooks"])
def cancel_run(caller: CallerDep, number: Number) -> None:
    """Cancel a run that nobody started."""
    with caller.write() as session:
        runs.cancel(session, caller.actor, number)


def _decide(caller: CallerDep, number: int, body: Decision, *, approve: bool) -> None:
    caller.prove(Permission.CHANGE_APPROVE)
    with caller.write() as session:
        runs.decide(
            session, caller.actor, number, body.plan_sha256, approve=approve, comment=body.comment
        )


@router.get("/runs/{number}/events", tags=["playbooks"])
def list_run_events(
    caller: CallerDep,
    window: WindowDep,
    number: Number,
    after: Annotated[int, Query(ge=0, description="A sequence number.")] = 0,
) -> Page[RunEvent]:
    """Return a run's events in order."""
    with caller.read() as session:
        return window.cut(RunEvent, runs.list_events(session, caller.actor, number, after))


@router.post("/commands", tags=["playbooks"])
def run_a_command(caller: CallerDep, body: Command) -> list[AnswerGroup]:
    """Run a read-only command; identical answers are grouped, the commonest first."""
    parts, pace = caller.context, Pace.of(caller.context.settings)
    asked = body.command, body.devices
    groups = run_command(parts.db, parts.host_keys, caller.actor, *asked, pace=pace)
    return [AnswerGroup.model_validate(group) for group in groups]


class Job(Schema):
    """Where a durable job stands; `reason` says how it ended."""

    key: str
    name: str
    state: str
    done: int
    total: int | None
    message: str
    error: str
    reason: str
    ended: bool


@router.get("/jobs/{key:path}", tags=["jobs"])
def get_job(caller: CallerDep, key: str) -> Job:
    """Return where a job stands."""
    require(caller.actor, Permission.JOB_READ)
    return Job.model_validate(caller.context.engine.status(key))
