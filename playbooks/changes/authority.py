"""Who may act on a change, and whether what it will do is approved as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import not_, select

from hatang import approval, scope
from hatang.errors import ConflictError, DeniedError
from inventory.models import Device
from playbooks.changes.planning import FIRST, SECOND, plan_hash
from playbooks.changes.reading import require_visible
from playbooks.changes.standard import SUBJECT as STANDARD
from playbooks.changes.standard import reaches
from playbooks.models import Change, ChangeTarget, StandardChange

if TYPE_CHECKING:
    from hatang.auth import Actor, Permission
    from hatang.db import WriteSession


def held(session: WriteSession, actor: Actor, change_id: int, permission: Permission) -> Change:
    """Return the change, locked; who acts on it must hold `permission` over all its devices.

    Raises:
        NotFoundError: there is none, or the actor may not know of it.
        DeniedError: the permission does not reach every one of its devices.
    """
    acting = actor.acting(permission)
    require_visible(session, acting, change_id)
    beyond = (
        select(ChangeTarget.id)
        .join(Device, Device.id == ChangeTarget.device_id)
        .where(ChangeTarget.change_id == change_id)
        .where(not_(scope.visible(acting, Device.scope_id)))
    )
    if session.scalar(beyond.limit(1)) is not None:
        raise DeniedError(f"{actor.name} may not {permission} on every device of this change")
    return session.get_one(Change, change_id, with_for_update=True)


def authorise(session: WriteSession, change: Change) -> None:
    """Return when exactly what the change will do now is approved, by as many as it takes.

    Raises:
        ConflictError: it is no longer what was approved, or an approval is missing or ran out.
    """
    if change.plan_sha256 is None or plan_hash(session, change) != change.plan_sha256:
        raise ConflictError(f"change {change.id} is no longer what was approved")
    if change.standard_id is not None:
        standard = session.get_one(StandardChange, change.standard_id)
        if approval.get(session, change.approval_id or 0).subject_kind == STANDARD:
            approval.require_approved(session, STANDARD, str(standard.id), standard.sha256)
            if not reaches(session, standard, change):
                raise ConflictError(f"change {change.id} is no longer what was approved")
            return
    approval.require_approved(session, FIRST, str(change.id), change.plan_sha256)
    if change.second_approval_id is not None:
        approval.require_approved(session, SECOND, str(change.id), change.plan_sha256)
