"""The whole fleet as bytes made once: what wall screens and programs ask for again and again."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from hatang import clock
from inventory import service as inventory
from inventory.rows import EVERYTHING
from inventory.service.reading import READ as INVENTORY_READ
from monitors import service as monitors
from monitors.choices import Cause, ElementKind, State

if TYPE_CHECKING:
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.rows import DeviceRow
    from monitors.service import ElementStatus

# As long a snapshot is trusted: what a version does not tell is seen after that.
TRUSTED_SECONDS: Final = 10.0
# One snapshot a scope that somebody looks through; the one asked for longest ago goes first.
KEPT: Final = 16


@dataclass(frozen=True, slots=True)
class Snapshot:
    """JSON of every device that a scope holds, and the name of exactly this state of things."""

    body: bytes
    etag: str
    made_at: datetime


class Fleet:
    """Snapshots by scope, made anew once the inventory or a state has changed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[object, tuple[object, Snapshot]] = OrderedDict()

    def __call__(self, session: AnySession, actor: Actor) -> Snapshot:
        """Return the snapshot as `actor` may see it; raises DeniedError."""
        place = (actor.acting(monitors.READ).scope_ids, actor.acting(INVENTORY_READ).scope_ids)
        now = (inventory.version(session), monitors.version(session))
        with self._lock:
            known = self._kept.get(place)
            if known is not None and known[0] == now and _is_trusted(known[1]):
                self._kept.move_to_end(place)
                return known[1]
        made = _make(session, actor)
        with self._lock:
            self._kept[place] = (now, made)
            self._kept.move_to_end(place)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made


def _is_trusted(snapshot: Snapshot) -> bool:
    return (clock.now() - snapshot.made_at).total_seconds() < TRUSTED_SECONDS


def _make(session: AnySession, actor: Actor) -> Snapshot:
    now = clock.now()
    known = {
        status.element.owner: status
        for status in monitors.list_status(session, actor, kind=ElementKind.DEVICE)
    }
    rows = inventory.list_devices(session, actor, EVERYTHING).items
    devices = [_device(row, known.get(row.device_key)) for row in rows]
    body = json.dumps({"devices": devices}, ensure_ascii=False, separators=(",", ":")).encode()
    return Snapshot(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"', now)


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
