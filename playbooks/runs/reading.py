"""Lists of runs, single ones, and their events, as an actor may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import Select, select

from hatang import scope
from hatang.approval import Approval
from hatang.auth import Permission
from hatang.errors import NotFoundError
from inventory.pages import Order, fetch
from inventory.rows import FIRST_PAGE
from playbooks.models import PlaybookEvent, PlaybookRun
from playbooks.runs.rows import EventRow, RunRow

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.rows import Page, Query

RUNS: Final = Order(
    {
        "id": PlaybookRun.id,
        "playbook": PlaybookRun.playbook,
        "state": PlaybookRun.state,
        "requester": PlaybookRun.requester,
        "created_at": PlaybookRun.created_at,
        "finished_at": PlaybookRun.finished_at,
    },
    (PlaybookRun.id.desc(),),
)


def list_runs(session: AnySession, actor: Actor, query: Query = FIRST_PAGE) -> Page[RunRow]:
    """Return runs, newest first; raises InvalidInputError for an unknown column."""
    return fetch(session, _visible(actor), RUNS, query, _row)


def get_run(session: AnySession, actor: Actor, run_id: int) -> RunRow:
    """Return one run; raises NotFoundError."""
    found = session.execute(_visible(actor).where(PlaybookRun.id == run_id)).first()
    if found is None:
        raise NotFoundError(f"there is no run {run_id}")
    return _row(*found)


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


def _visible(actor: Actor) -> Select[PlaybookRun, str | None]:
    acting = actor.acting(Permission.CHANGE_READ)
    return (
        select(PlaybookRun, Approval.decided_by)
        .outerjoin(Approval, Approval.id == PlaybookRun.approval_id)
        .where(scope.visible(acting, PlaybookRun.scope_id))
    )


def _row(run: PlaybookRun, approver: str | None) -> RunRow:
    return RunRow(
        id=run.id,
        playbook=run.playbook,
        devices=tuple(run.devices),
        parameters=run.parameters,
        is_check_mode=run.is_check_mode,
        state=run.state,
        requester=run.requester,
        approver=approver,
        plan_sha256=run.plan_sha256,
        created_at=run.created_at,
        finished_at=run.finished_at,
        summary=run.summary,
        outcomes=run.outcomes,
        schedule_id=run.schedule_id,
    )
