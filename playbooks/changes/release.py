"""From a plan to the devices: a second person approves exactly the plan, then it runs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import not_, select

from alerts.service import MaintenanceRequest, create_maintenance
from hatang import approval, audit, clock, jobs, scope
from hatang.auth import Actor, Permission
from hatang.errors import ConflictError, DeniedError
from inventory.models import Device
from playbooks.changes import ending
from playbooks.changes.bookings import require_clear
from playbooks.changes.planning import plan_hash
from playbooks.changes.reading import get_change
from playbooks.choices import ChangeState
from playbooks.models import Change, ChangeTarget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.db import WriteSession

PUSH_JOB: Final = "playbooks.push"
# Beyond the devices' timer: until the last device's job had its turn. The change's end ends it.
QUIET_SPARE: Final = timedelta(minutes=10)
APPROVAL_VALID: Final = timedelta(hours=24)


def submit(session: WriteSession, actor: Actor, change_id: int) -> int:
    """Ask for approval of the plan as it stands; returns the approval's id.

    Raises:
        ConflictError: the change has no plan yet, or is past it.
    """
    change = _change(session, actor, change_id, Permission.CHANGE_REQUEST)
    if change.state != ChangeState.PLANNED or change.plan_sha256 is None:
        raise ConflictError(
            f"change {change_id} is {change.state}", fix="Plan it, then ask for approval."
        )
    change.approval_id = approval.request(
        session,
        actor,
        approval.Subject("change", str(change_id), change.plan_sha256, change.scope_id),
        Permission.CHANGE_APPROVE,
        reason=change.reason or change.title,
        expires_at=clock.now() + APPROVAL_VALID,
    )
    change.state = ChangeState.AWAITING_APPROVAL
    return change.approval_id


def decide(
    session: WriteSession,
    actor: Actor,
    change_id: int,
    plan_sha256: str,
    *,
    approve: bool,
    comment: str = "",
) -> None:
    """Approve or reject the plan the actor has read; raises as `approval.decide`."""
    change = _change(session, actor, change_id, Permission.CHANGE_APPROVE)
    if change.state != ChangeState.AWAITING_APPROVAL or change.approval_id is None:
        raise ConflictError(f"change {change_id} is {change.state}, nobody asked for approval")
    approval.decide(
        session, actor, change.approval_id, plan_sha256, approve=approve, comment=comment
    )
    if approve:
        change.state = ChangeState.APPROVED
    else:
        ending.cancel(session, actor, change)


def cancel(session: WriteSession, actor: Actor, change_id: int) -> list[str]:
    """Cancel the change as far as it has not begun; returns the keys of the jobs that waited.

    Raises:
        DeniedError: the actor may not ask for changes on all of its devices.
        ConflictError: the change has ended.
    """
    change = _change(session, actor, change_id, Permission.CHANGE_REQUEST)
    return ending.cancel(session, actor, change)


def execute(session: WriteSession, actor: Actor, change_id: int) -> list[str]:
    """Start an approved change: one durable job a device. Returns the jobs' keys.

    Raises:
        DeniedError: the actor may not execute changes on all of its devices.
        ConflictError: not approved, approved for another content, already started, or a
            conference is booked where one of its devices stands.
    """
    change = _change(session, actor, change_id, Permission.CHANGE_EXECUTE)
    if change.state != ChangeState.APPROVED or change.plan_sha256 is None:
        raise ConflictError(f"change {change_id} is {change.state}, not approved")
    if plan_hash(session, change) != change.plan_sha256:
        raise ConflictError(f"change {change_id} is no longer what was approved")
    approval.require_approved(session, "change", str(change_id), change.plan_sha256)
    statement = select(ChangeTarget).where(ChangeTarget.change_id == change_id)
    targets = session.scalars(statement.order_by(ChangeTarget.id)).all()
    device_ids = [target.device_id for target in targets]
    require_clear(session, device_ids, change.revert_seconds)
    _announce(session, actor, change, device_ids)
    change.state = ChangeState.RUNNING
    change.started_at = clock.now()
    keys = []
    for target in targets:
        key = ending.push_key(change_id, target.device_id)
        device = f"device/{target.device_id}"
        args = {"target_id": target.id}
        jobs.request(session, PUSH_JOB, args, key=key, actor=actor.name, partition=device)
        keys.append(key)
    detail = {"plan_sha256": change.plan_sha256}
    audit.record(session, actor, "change.execute", f"change/{change_id}", detail)
    return keys


def _announce(
    session: WriteSession, actor: Actor, change: Change, device_ids: Sequence[int]
) -> None:
    """Withhold pages for the change's own devices while it runs, and for no longer."""
    keys = session.scalars(select(Device.device_key).where(Device.id.in_(device_ids)))
    start = clock.now()
    wanted = MaintenanceRequest(
        elements=tuple(f"device:{key}" for key in keys),
        starts_at=start,
        ends_at=start + timedelta(seconds=change.revert_seconds) + QUIET_SPARE,
        reason=f"change {change.id}: {change.title}, started by {actor.name}",
        source=f"change/{change.id}",
    )
    create_maintenance(session, Actor.system("change"), wanted)


def _change(session: WriteSession, actor: Actor, change_id: int, permission: Permission) -> Change:
    """Return the change; who acts on it must hold `permission` over every one of its devices."""
    acting = actor.acting(permission)
    get_change(session, acting, change_id)
    beyond = (
        select(ChangeTarget.id)
        .join(Device, Device.id == ChangeTarget.device_id)
        .where(ChangeTarget.change_id == change_id)
        .where(not_(scope.visible(acting, Device.scope_id)))
    )
    if session.scalar(beyond.limit(1)) is not None:
        raise DeniedError(f"{actor.name} may not {permission} on every device of this change")
    return session.get_one(Change, change_id, with_for_update=True)
