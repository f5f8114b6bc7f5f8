"""Which devices are to be judged anew, and whether an old audit still gives its bytes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, false, func, not_, or_, select

from baselines import packs
from baselines.engine import ENGINE
from baselines.judging import Judge, Order
from baselines.models import AuditRun
from baselines.parsing import dialect
from baselines.parsing.dialects import of_platform
from baselines.service.evidence import age_hours
from baselines.service.overriding import in_force
from hatang import clock, scope
from hatang.auth import Permission
from hatang.errors import ConflictError, NotFoundError
from inventory.models import Device, Software
from playbooks import vault
from playbooks.models import ConfigVersion

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from hatang.auth import Actor
    from hatang.db import AnySession, Database


AGAIN_AFTER: Final = timedelta(hours=12)
"""So long an audit stands where the backup's age decides."""
AGE_RULE, AGE_PARAMETER, DAY_HOURS = "AVL-02", "hours", 24


def stale_devices(
    session: AnySession, actor: Actor, limit: int = 500, *, lasting: timedelta | None = None
) -> list[str]:
    """Return active devices whose newest audit holds no longer, those never judged first.

    It is of another configuration, pack or engine, or of other parameters or facts than now; or it
    is half a day old and the age of the backup, then or now, is one that a rule minds; or it is
    older than `lasting`.
    """
    acting = actor.acting(Permission.BASELINE_READ)
    overrides = in_force(session)
    newest = select(func.max(ConfigVersion.id)).group_by(ConfigVersion.device_id)
    last = select(func.max(AuditRun.id)).group_by(AuditRun.device_id)
    is_other = or_(
        AuditRun.id.is_(None),
        AuditRun.version_id != ConfigVersion.id,
        AuditRun.pack_sha256 != packs.load().sha256,
        AuditRun.engine != ENGINE,
        AuditRun.overrides != overrides,
        false() if lasting is None else AuditRun.finished_at < clock.now() - lasting,
    )
    statement = (
        select(Device.name, ConfigVersion, AuditRun, Device.role, Software.end_of_support)
        .join(ConfigVersion, ConfigVersion.device_id == Device.id)
        .outerjoin(Software, Software.id == Device.software_id)
        .outerjoin(AuditRun, and_(AuditRun.device_id == Device.id, AuditRun.id.in_(last)))
        .where(
            ConfigVersion.id.in_(newest),
            Device.status == "active",
            scope.visible(acting, Device.scope_id),
        )
        .order_by(AuditRun.version_id.is_not_distinct_from(ConfigVersion.id), Device.name)
    )
    changed = list(session.scalars(statement.where(is_other).limit(limit)))
    if len(changed) == limit:
        return changed
    minded = min(DAY_HOURS, overrides.get(AGE_RULE, {}).get(AGE_PARAMETER, DAY_HOURS))
    others = [
        name
        for name, version, run, role, end in session.execute(statement.where(not_(is_other)))
        if _are_others(run.facts, version, role, end) or _is_aged(run, version, minded)
    ]
    return [*changed, *others][:limit]


def _are_others(
    facts: Mapping[str, Any], version: ConfigVersion, role: str, end: date | None
) -> bool:
    """Return whether an audit's facts are not those of now, the age of the backup apart."""
    software = facts.get("software", {})
    day = None if end is None else end.isoformat()
    now = (
        role,
        version.transport.endswith(vault.OVER_SHA1),
        version.is_saved,
        day,
        None if end is None else clock.now().date() <= end,
    )
    then = (
        facts.get("device", {}).get("role"),
        facts.get("session", {}).get("legacy_ssh"),
        facts.get("startup", {}).get("same"),
        software.get("end_of_support"),
        software.get("supported"),
    )
    return now != then


def _is_aged(run: AuditRun, version: ConfigVersion, minded: float) -> bool:
    if run.finished_at >= clock.now() - AGAIN_AFTER:
        return False
    then = run.facts.get("backup", {}).get("age_hours", 0)
    return bool(max(age_hours(version.last_seen_at), then) > minded)


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
