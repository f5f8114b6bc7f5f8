"""Lists and single change sets, as an actor may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Select, func, or_, select

from hatang import blobs, scope
from hatang.approval import Approval
from hatang.auth import Permission, require
from hatang.errors import NotFoundError
from inventory import platforms
from inventory.models import Device
from playbooks.changes.rows import ChangeDetail, ChangeRow, DiffGroup, TargetRow
from playbooks.models import Change, ChangeTarget

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import AnySession


def list_changes(session: AnySession, actor: Actor, limit: int = 100) -> list[ChangeRow]:
    """Return change sets, newest first."""
    statement = _visible(actor).order_by(Change.id.desc()).limit(limit)
    return [_row(*found) for found in session.execute(statement)]


def get_change(session: AnySession, actor: Actor, change_id: int) -> ChangeDetail:
    """Return one change set with its differences; raises NotFoundError."""
    found = session.execute(_visible(actor).where(Change.id == change_id)).first()
    if found is None:
        raise NotFoundError(f"there is no change {change_id}")
    targets = session.execute(
        select(ChangeTarget, Device.name, Device.platform)
        .join(Device, Device.id == ChangeTarget.device_id)
        .where(ChangeTarget.change_id == change_id)
        .order_by(Device.name)
    ).all()
    groups: dict[tuple[str, str], list[str]] = {}
    for target, device, platform in targets:
        redact = platforms.get(platform).redact
        rendered = redact(blobs.get(session, target.rendered).decode())
        diff = "" if target.diff is None else redact(blobs.get(session, target.diff).decode())
        groups.setdefault((rendered, diff), []).append(device)
    return ChangeDetail(
        _row(*found),
        tuple(_target(target, device) for target, device, _platform in targets),
        tuple(
            DiffGroup(rendered, diff, tuple(devices))
            for (rendered, diff), devices in groups.items()
        ),
    )


def _visible(actor: Actor) -> Select[Change, str | None, int]:
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


def _row(change: Change, approver: str | None, targets: int) -> ChangeRow:
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
    )


def _target(target: ChangeTarget, device: str) -> TargetRow:
    return TargetRow(
        device_id=target.device_id,
        device=device,
        state=target.state,
        safety=target.safety,
        reason=target.reason,
        detail=target.detail,
        diff_sha256=target.diff_sha256,
        before_version_id=target.before_version_id,
        after_version_id=target.after_version_id,
    )
