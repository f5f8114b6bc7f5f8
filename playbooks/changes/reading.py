"""Single change sets with their differences, as an actor may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from hatang import blobs
from hatang.errors import NotFoundError
from inventory import platforms
from inventory.models import Device
from playbooks.changes.listing import change_row, visible
from playbooks.changes.rows import ChangeDetail, DiffGroup, TargetRow
from playbooks.models import Change, ChangeTarget

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import AnySession


def get_change(session: AnySession, actor: Actor, change_id: int) -> ChangeDetail:
    """Return one change set with its differences; raises NotFoundError."""
    found = session.execute(visible(actor).where(Change.id == change_id)).first()
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
        change_row(*found),
        tuple(_target(target, device) for target, device, _platform in targets),
        tuple(
            DiffGroup(rendered, diff, tuple(devices))
            for (rendered, diff), devices in groups.items()
        ),
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
