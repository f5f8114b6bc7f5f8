"""The whole fleet as bytes made once: what wall screens and programs ask for again and again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from api.kept import Kept, Snapshot
from inventory import service as inventory
from inventory.rows import EVERYTHING
from monitors import service as monitors
from monitors.choices import Cause, ElementKind, State

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.rows import DeviceRow
    from monitors.service import ElementStatus


class Fleet:
    """JSON of every device that a scope holds."""

    def __init__(self) -> None:
        self._kept = Kept[Snapshot]()

    def __call__(self, session: AnySession, actor: Actor) -> Snapshot:
        """Return the snapshot as `actor` may see it; raises DeniedError."""
        return self._kept(session, actor, lambda: _make(session, actor))


def _make(session: AnySession, actor: Actor) -> Snapshot:
    known = {
        status.element.owner: status
        for status in monitors.list_status(session, actor, kind=ElementKind.DEVICE)
    }
    rows = inventory.list_devices(session, actor, EVERYTHING).items
    devices = [_device(row, known.get(row.device_key)) for row in rows]
    body = json.dumps({"devices": devices}, ensure_ascii=False, separators=(",", ":")).encode()
    return Snapshot.of(body)


def _device(row: DeviceRow, status: ElementStatus | None) -> dict[str, Any]:
    return {
        "device_key": row.device_key,
        "name": row.name,
        "site": row.site,
        "role": row.role,
        "platform": row.platform,
        "primary_ip4": row.primary_ip4,
        "status": row.status,
        "state": status.state if status else State.UNKNOWN,
        "cause": status.cause if status else Cause.NEVER_MEASURED,
        "since": status.since.isoformat() if status and status.since else None,
    }
