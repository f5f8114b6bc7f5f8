"""How old what the vault holds is, as a series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prometheus_client import Gauge
from sqlalchemy import func, select

from hatang.metrics import REGISTRY, Snapshot
from inventory.models import Device
from monitors.watched import WATCHED
from playbooks.models import ConfigVersion

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


def update(session: AnySession) -> None:
    """Show when each device in service was collected last."""
    rows = session.execute(
        select(Device.device_key, Device.name, func.max(ConfigVersion.last_seen_at))
        .join(ConfigVersion, ConfigVersion.device_id == Device.id)
        .where(Device.status.in_(WATCHED))
        .group_by(Device.id)
    )
    _COLLECTED.show({(f"device:{key}", name): at.timestamp() for key, name, at in rows})
