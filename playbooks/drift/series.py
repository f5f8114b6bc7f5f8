"""Which devices differ from what is intended, since when, and of how many nothing is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prometheus_client import Gauge
from sqlalchemy import func, select

from hatang.metrics import REGISTRY, Snapshot
from inventory.models import Device
from playbooks.choices import DriftState
from playbooks.drift.due import SYSTEM
from playbooks.drift.listing import totals
from playbooks.models import Drift

if TYPE_CHECKING:
    from hatang.db import AnySession

_SINCE: Final = Snapshot(
    Gauge(
        "hatang_drift_since_timestamp_seconds",
        "Since when a device is known to differ from what is intended for it, Unix time; it stays "
        "until a comparison finds the device in line.",
        ["element", "device"],
        registry=REGISTRY,
    )
)
_DEVICES: Final = Snapshot(
    Gauge(
        "hatang_drift_devices",
        "Devices something is intended for, by how they stood when compared last.",
        ["state"],
        registry=REGISTRY,
    )
)


def update(session: AnySession) -> None:
    """Show since when each device drifts, and how many are in each state."""
    rows = session.execute(
        select(Device.device_key, Device.name, func.min(Drift.drifted_since))
        .join(Drift, Drift.device_id == Device.id)
        .where(Drift.drifted_since.is_not(None))
        .group_by(Device.id)
    )
    _SINCE.show({(f"device:{key}", name): at.timestamp() for key, name, at in rows if at})
    found = totals(session, SYSTEM)
    _DEVICES.show({(state.value,): float(getattr(found, state.value)) for state in DriftState})
