"""Which devices changed since they were judged, and whether an old audit still gives its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from baselines import packs
from baselines.engine import ENGINE
from baselines.judging import Judge, Order
from baselines.models import AuditRun
from baselines.parsing import dialect
from baselines.parsing.dialects import of_platform
from hatang import scope
from hatang.auth import Permission
from hatang.errors import ConflictError, NotFoundError
from inventory.models import Device
from playbooks import vault
from playbooks.models import ConfigVersion

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import AnySession, Database


def stale_devices(session: AnySession, actor: Actor, limit: int = 500) -> list[str]:
    """Return active devices whose newest configuration was never judged, by name."""
    acting = actor.acting(Permission.BASELINE_READ)
    newest = select(func.max(ConfigVersion.id)).group_by(ConfigVersion.device_id)
    judged = select(AuditRun.version_id)
    statement = (
        select(Device.name)
        .join(ConfigVersion, ConfigVersion.device_id == Device.id)
        .where(
            ConfigVersion.id.in_(newest),
            ConfigVersion.id.not_in(judged),
            Device.status == "active",
            scope.visible(acting, Device.scope_id),
        )
        .order_by(Device.name)
        .limit(limit)
    )
    return list(session.scalars(statement))


def reproduce(db: Database, actor: Actor, run_id: int) -> tuple[str, str]:
    """Judge the sealed text of an audit again as then; returns the hash then and the hash now.

    Raises:
        NotFoundError: there is no such audit.
        ConflictError: the pack or the engine of then is not here any more.
    """
    acting = actor.acting(Permission.BASELINE_READ)
    with db.read() as session:
        statement = select(AuditRun).where(
            AuditRun.id == run_id, scope.visible(acting, AuditRun.scope_id)
        )
        run = session.scalars(statement).first()
        if run is None:
            raise NotFoundError(f"there is no audit {run_id}")
        version, text = vault.read_for_judge(session, actor, run.version_id)
        _version, shown = vault.read(session, actor, run.version_id)
    pack = packs.load(run.pack)
    if (pack.sha256, ENGINE) != (run.pack_sha256, run.engine):
        raise ConflictError(
            f"audit {run_id} was made by {run.engine} and pack {run.pack_sha256[:16]}…",
            fix="Verify its bundle, or use the hatang of then.",
        )
    spoken = of_platform(version.platform)
    order = Order(
        text=text if text.count("\n") == shown.count("\n") else shown,
        dialect=spoken,
        facts=run.facts,
        overrides=run.overrides,
        is_whole=bool(spoken and dialect(spoken).ends_with),
    )
    with Judge(pack) as judge:
        return run.result_sha256, judge.judge(order).sha256
