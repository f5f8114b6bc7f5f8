"""Devices that say somebody has configured them, from the hints that the monitors keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from inventory import platforms
from inventory.models import Device
from monitors.hints.schema import HintKind
from monitors.models import HintRow
from playbooks.models import ConfigVersion

if TYPE_CHECKING:
    from datetime import datetime

    from hatang.db import AnySession

_DEVICE: Final = "device:"


@dataclass(frozen=True, slots=True)
class Noticed:
    """A device somebody configured; `author` is whom it names, empty when it names nobody."""

    device: str
    author: str

    @property
    def source(self) -> str:
        """What the version says of where it came from."""
        return f"configured by {self.author}" if self.author else "configured"


def noticed(session: AnySession, since: datetime) -> list[Noticed]:
    """Return the devices that said since then that they were configured, and were not read after.

    The last telling counts; several within one collection are one version.
    """
    seen = (
        select(ConfigVersion.device_id, func.max(ConfigVersion.last_seen_at).label("at"))
        .group_by(ConfigVersion.device_id)
        .subquery()
    )
    rows = session.execute(
        select(Device.name, Device.platform, HintRow.detail)
        .join(Device, HintRow.element == _DEVICE + Device.device_key)
        .outerjoin(seen, seen.c.device_id == Device.id)
        .where(HintRow.kind == HintKind.CONFIG_CHANGED, HintRow.last_at >= since)
        .where((seen.c.at.is_(None)) | (seen.c.at < HintRow.last_at))
        .order_by(HintRow.last_at, HintRow.id)
    )
    last: dict[str, Noticed] = {}
    for name, platform, detail in rows:
        known = platforms.get(platform)
        if known.is_backed_up:
            last[name] = Noticed(name, known.author(str((detail or {}).get("line", "")))[:40])
    return list(last.values())
