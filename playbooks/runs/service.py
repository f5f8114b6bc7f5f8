"""Asking for a playbook run, and reading what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Select, select

from hatang import audit, clock, jobs, scope
from hatang.auth import Permission
from hatang.errors import InvalidInputError, NotFoundError, Problem
from inventory import service as inventory
from playbooks.catalogue import playbook
from playbooks.choices import RunState
from playbooks.models import PlaybookEvent, PlaybookRun

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession
    from inventory.rows import DeviceRow

RUN_JOB: Final = "playbooks.run"


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in a list; `summary` is Ansible's recap by device once it ended."""

    id: int
    playbook: str
    devices: tuple[str, ...]
    is_check_mode: bool
    state: str
    requester: str
    created_at: datetime
    finished_at: datetime | None
    summary: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event of a run."""

    sequence: int
    kind: str
    device: str
    task: str
    detail: dict[str, Any]
    at: datetime


def request(
    session: WriteSession, actor: Actor, name: str, devices: Sequence[str], *, check_mode: bool
) -> int:
    """Queue the playbook `name` on `devices` and return the run's id.

    Raises:
        DeniedError: the actor may not run playbooks; checking asks for the same right.
        NotFoundError: no such playbook.
        InvalidInputError: unknown devices or platforms it is not for; all at once.
    """
    rows = _checked(session, actor.acting(Permission.CHANGE_EXECUTE), name, devices)
    scopes = {row.scope_id for row in rows}
    run = PlaybookRun(
        scope_id=scopes.pop() if len(scopes) == 1 else None,
        playbook=name,
        devices=[row.name for row in rows],
        is_check_mode=check_mode,
        state=RunState.PENDING,
        requester=actor.name,
        created_at=clock.now(),
    )
    session.add(run)
    session.flush()
    jobs.request(session, RUN_JOB, {"run_id": run.id}, key=f"run/{run.id}", actor=actor.name)
    detail = {"playbook": name, "devices": run.devices, "check_mode": check_mode}
    audit.record(session, actor, "playbook.run", f"run/{run.id}", detail)
    return run.id


def _checked(
    session: AnySession, actor: Actor, name: str, devices: Sequence[str]
) -> list[DeviceRow]:
    wanted = playbook(name)
    problems = []
    rows = []
    if not devices:
        fix = "Name at least one device."
        problems.append(Problem("run", "devices", "", "are missing", fix))
    for device in dict.fromkeys(devices):
        try:
            row = inventory.get_device(session, actor, device)
        except LookupError:
            fix = "Use the name of a device in the inventory."
            problems.append(Problem("run", "devices", device, "there is no such device", fix))
            continue
        if row.platform not in wanted.platforms:
            fix = f"Choose devices of: {', '.join(wanted.platforms)}."
            message = f"{name} is not for platform {row.platform}"
            problems.append(Problem("run", "devices", device, message, fix))
        rows.append(row)
    if problems:
        raise InvalidInputError(problems)
    return rows


def _visible(actor: Actor) -> Select[PlaybookRun]:
    acting = actor.acting(Permission.CHANGE_READ)
    return select(PlaybookRun).where(scope.visible(acting, PlaybookRun.scope_id))


def list_runs(session: AnySession, actor: Actor, limit: int = 100) -> list[RunRow]:
    """Return runs, newest first."""
    statement = _visible(actor).order_by(PlaybookRun.id.desc()).limit(limit)
    return [_row(run) for run in session.scalars(statement)]


def get_run(session: AnySession, actor: Actor, run_id: int) -> RunRow:
    """Return one run; raises NotFoundError."""
    run = session.scalar(_visible(actor).where(PlaybookRun.id == run_id))
    if run is None:
        raise NotFoundError(f"there is no run {run_id}")
    return _row(run)


def list_events(session: AnySession, actor: Actor, run_id: int, after: int = 0) -> list[EventRow]:
    """Return the run's events behind sequence number `after`, in order."""
    get_run(session, actor, run_id)
    statement = (
        select(PlaybookEvent)
        .where(PlaybookEvent.run_id == run_id, PlaybookEvent.sequence > after)
        .order_by(PlaybookEvent.sequence)
    )
    return [
        EventRow(event.sequence, event.kind, event.device, event.task, event.detail, event.at)
        for event in session.scalars(statement)
    ]


def _row(run: PlaybookRun) -> RunRow:
    return RunRow(
        id=run.id,
        playbook=run.playbook,
        devices=tuple(run.devices),
        is_check_mode=run.is_check_mode,
        state=run.state,
        requester=run.requester,
        created_at=run.created_at,
        finished_at=run.finished_at,
        summary=run.summary,
    )
