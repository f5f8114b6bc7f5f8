"""What the vault holds, as series: how old it is, whether it was saved, what drifted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from prometheus_client import Gauge
from sqlalchemy import String, and_, cast, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from hatang import clock
from hatang.metrics import REGISTRY, Snapshot
from inventory.models import Device
from monitors.watched import WATCHED
from playbooks.choices import ConfigKind, TargetState
from playbooks.models import ChangeTarget, ConfigVersion
from playbooks.vault.store import STATE

if TYPE_CHECKING:
    from hatang.db import AnySession

_COLLECTED: Final = Snapshot(
    Gauge(
        "hatang_vault_collected_timestamp_seconds",
        "When a device's configuration was collected last, changed or not, Unix time; none of a "
        "device that never was.",
        ["element", "device"],
        registry=REGISTRY,
    )
)
_SAVED: Final = Snapshot(
    Gauge(
        "hatang_vault_saved",
        "Whether a device's startup configuration was what it ran when collected last (1) or "
        "not (0); none where the device keeps none or was not asked.",
        ["element", "device"],
        registry=REGISTRY,
    )
)
_DRIFTED: Final = Snapshot(
    Gauge(
        "hatang_vault_drifted_timestamp_seconds",
        "When a configuration was collected that differs from the one before it, though no change "
        "of ours was on the device in between, Unix time; of the last seven days.",
        ["element", "device"],
        registry=REGISTRY,
    )
)
KEPT: Final = timedelta(days=7)
"""So long ago a drift may be to be a series."""


def update(session: AnySession) -> None:
    """Show when each device in service was collected last, whether it was saved, what drifted."""
    _show_collected(session)
    _show_saved(session)
    _show_drifted(session)


_WROTE_NOTHING: Final = (TargetState.REJECTED, TargetState.FAILED, TargetState.CANCELLED)


def _show_collected(session: AnySession) -> None:
    rows = session.execute(
        select(Device.device_key, Device.name, func.max(ConfigVersion.last_seen_at))
        .join(ConfigVersion, ConfigVersion.device_id == Device.id)
        .where(Device.status.in_(WATCHED))
        .group_by(Device.id)
    )
    _COLLECTED.show({(f"device:{key}", name): at.timestamp() for key, name, at in rows})


def _show_saved(session: AnySession) -> None:
    last = (
        select(func.max(ConfigVersion.id))
        .where(ConfigVersion.kind == ConfigKind.RUNNING)
        .group_by(ConfigVersion.device_id)
    )
    rows = session.execute(
        select(Device.device_key, Device.name, ConfigVersion.is_saved)
        .join(ConfigVersion, ConfigVersion.device_id == Device.id)
        .where(Device.status.in_(WATCHED), ConfigVersion.id.in_(last))
        .where(ConfigVersion.is_saved.is_not(None))
    )
    _SAVED.show({(f"device:{key}", name): float(bool(is_saved)) for key, name, is_saved in rows})


def _show_drifted(session: AnySession) -> None:
    before = aliased(ConfigVersion)
    last_seen = (
        select(func.max(before.last_seen_at))
        .where(before.device_id == ConfigVersion.device_id, before.kind == ConfigVersion.kind)
        .where(before.id < ConfigVersion.id)
        .correlate(ConfigVersion)
        .scalar_subquery()
    )
    in_its_time = and_(
        ChangeTarget.state.not_in(_WROTE_NOTHING),
        ChangeTarget.started_at <= ConfigVersion.collected_at,
        # One that has not ended, or nobody knows how, may still be what changed it.
        or_(ChangeTarget.finished_at.is_(None), ChangeTarget.finished_at >= last_seen),
    )
    # Taken back later, a target begins anew: what its push had stored stays ours.
    stored = and_(
        ConfigVersion.source == literal("change/").concat(cast(ChangeTarget.change_id, String)),
        ChangeTarget.before_version_id < ConfigVersion.id,
    )
    ours = exists().where(
        ChangeTarget.device_id == ConfigVersion.device_id, or_(in_its_time, stored)
    )
    rows = session.execute(
        select(Device.device_key, Device.name, func.max(ConfigVersion.collected_at))
        .join(ConfigVersion, ConfigVersion.device_id == Device.id)
        .where(Device.status.in_(WATCHED), ConfigVersion.kind == ConfigKind.RUNNING)
        .where(ConfigVersion.collected_at >= clock.now() - KEPT)
        .where(last_seen.is_not(None), ConfigVersion.source != STATE, ~ours)
        .group_by(Device.id)
    )
    _DRIFTED.show({(f"device:{key}", name): at.timestamp() for key, name, at in rows})
