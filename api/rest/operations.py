"""Playbook runs, read-only commands on many devices, durable jobs."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.callers import CallerDep
from api.rest.paging import NEWEST, Page, Schema, WindowDep
from api.rest.schemas.changes import (
    AnswerGroup,
    Command,
    Created,
    Playbook,
    Run,
    RunCreate,
    RunEvent,
)
from hatang.auth import Permission, require
from playbooks.catalogue import all_playbooks
from playbooks.commands import run_command
from playbooks.runs import service as runs

router = APIRouter()
Number = Annotated[int, Path(ge=1, le=2**53)]


@router.get("/playbooks", tags=["playbooks"])
def list_playbooks(caller: CallerDep) -> list[Playbook]:
    """Return the reviewed playbooks; nothing else can be run."""
    require(caller.actor, Permission.CHANGE_READ)
    return [
        Playbook(
            name=name,
            title=book.title.model_dump(),
            platforms=list(book.platforms),
            changes=book.changes,
        )
        for name, book in all_playbooks().items()
    ]


@router.get("/runs", tags=["playbooks"])
def list_runs(caller: CallerDep, window: WindowDep) -> Page[Run]:
    """Return playbook runs, newest first."""
    with caller.read() as session:
        return window.cut(Run, runs.list_runs(session, caller.actor, NEWEST))


@router.post("/runs", status_code=202, tags=["playbooks"])
def create_run(caller: CallerDep, body: RunCreate) -> Created:
    """Queue a playbook; check mode changes nothing."""
    caller.prove(Permission.CHANGE_EXECUTE)
    with caller.write() as session:
        found = runs.request(
            session, caller.actor, body.playbook, body.devices, check_mode=body.check_mode
        )
        return Created(id=found)


@router.get("/runs/{number}", tags=["playbooks"])
def get_run(caller: CallerDep, number: Number) -> Run:
    """Return one run."""
    with caller.read() as session:
        return Run.model_validate(runs.get_run(session, caller.actor, number))


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
    parts = caller.context
    groups = run_command(parts.db, parts.host_keys, caller.actor, body.command, body.devices)
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
