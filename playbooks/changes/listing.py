"""Lists of changes, a page at a time, and of devices that wait for a person to look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased

from hatang import scope
from hatang.approval import Approval
from hatang.auth import Permission, require
from inventory.models import Device
from inventory.pages import Order, fetch
from inventory.rows import FIRST_PAGE
from playbooks.changes.ending import GOOD
from playbooks.changes.rows import ChangeRow, DoubtRow
from playbooks.choices import TargetState
from playbooks.models import Change, ChangeTarget

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.rows import Page, Query

DOUBTFUL: Final = (TargetState.DRIFT, TargetState.UNKNOWN)
CHANGES: Final = Order(
    {
        "id": Change.id,
        "title": Change.title,
        "state": Change.state,
        "requester": Change.requester,
        "created_at": Change.created_at,
        "finished_at": Change.finished_at,
    },
    (Change.id.desc(),),
)
DOUBTS: Final = Order(
    {
        "device": Device.name,
        "state": ChangeTarget.state,
        "change": ChangeTarget.change_id,
        "finished_at": ChangeTarget.finished_at,
    },
    (ChangeTarget.id.desc(),),
)


def list_changes(session: AnySession, actor: Actor, query: Query = FIRST_PAGE) -> Page[ChangeRow]:
    """Return change sets, newest first; raises InvalidInputError for an unknown column."""
    return fetch(session, visible(actor), CHANGES, query, change_row)


def visible(actor: Actor) -> Select[Change, str | None, int]:
    """Return the statement of changes; one over several scopes is seen by who sees a device."""
    require(actor, Permission.CHANGE_READ)
    acting = actor.acting(Permission.CHANGE_READ)
    touched = (
        select(ChangeTarget.change_id)
        .join(Device, Device.id == ChangeTarget.device_id)
        .where(scope.visible(acting, Device.scope_id))
    )
    count = (
        select(func.count())
        .where(ChangeTarget.change_id == Change.id)
        .correlate(Change)
        .scalar_subquery()
    )
    return (
        select(Change, Approval.decided_by, count)
        .outerjoin(Approval, Approval.id == Change.approval_id)
        .where(or_(scope.visible(acting, Change.scope_id), Change.id.in_(touched)))
    )


def change_row(change: Change, approver: str | None, targets: int) -> ChangeRow:
    """Return a change as lists show it."""
    return ChangeRow(
        id=change.id,
        title=change.title,
        reason=change.reason,
        state=change.state,
        requester=change.requester,
        approver=approver,
        plan_sha256=change.plan_sha256,
        approval_id=change.approval_id,
        revert_seconds=change.revert_seconds,
        created_at=change.created_at,
        finished_at=change.finished_at,
        targets=targets,
        intent=change.intent,
        level=change.level,
        wave=change.wave,
        waves=change.waves,
        phase=change.phase,
        is_paused=change.is_paused,
        pause_reason=change.pause_reason,
        opens_at=change.opens_at,
        closes_at=change.closes_at,
        started_at=change.started_at,
        planned_at=change.planned_at,
    )


def list_doubts(session: AnySession, actor: Actor, query: Query = FIRST_PAGE) -> Page[DoubtRow]:
    """Return the devices of which no push can say what they hold now, newest first.

    A later push that ended well settles the doubt.
    """
    acting = actor.acting(Permission.CHANGE_READ)
    later = aliased(ChangeTarget)
    settled = (
        select(later.id)
        .where(
            later.device_id == ChangeTarget.device_id,
            later.finished_at > ChangeTarget.finished_at,
            later.state.in_(GOOD),
        )
        .exists()
    )
    statement = (
        select(
            ChangeTarget.change_id,
            Device.name,
            ChangeTarget.state,
            ChangeTarget.reason,
            ChangeTarget.detail,
            ChangeTarget.commit_id,
            ChangeTarget.finished_at,
        )
        .join(Device, Device.id == ChangeTarget.device_id)
        .where(ChangeTarget.state.in_(DOUBTFUL), ~settled, scope.visible(acting, Device.scope_id))
    )
    return fetch(session, statement, DOUBTS, query, DoubtRow)


def list_unreviewed(session: AnySession, actor: Actor) -> list[ChangeRow]:
    """Return changes whose approval is a broken glass that nobody has reviewed, oldest first."""
    statement = visible(actor).where(Approval.is_break_glass, Approval.reviewed_at.is_(None))
    return [change_row(*row) for row in session.execute(statement.order_by(Change.id))]
