"""Collects within two minutes what a device says somebody has configured, with who it was.

Devices tell by trap or log line (`configured by USER`); the monitors keep that as a hint. A device
is asked once a telling: one whose configuration was collected since is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from hatang import clock
from hatang.auth import Actor
from hatang.drivers.hostkeys import StoredHostKeys
from hatang.errors import Reason
from hatang.jobs import JobContext, Queue, Scalars, job
from hatang.log import get_logger
from inventory import platforms
from inventory.models import Device
from monitors.hints.schema import HintKind
from monitors.models import HintRow
from playbooks.models import ConfigVersion
from playbooks.vault import rounds

if TYPE_CHECKING:
    from datetime import datetime

    from hatang.db import AnySession, Database

LOG: Final = get_logger(__name__)
EACH_MINUTE: Final = "15 * * * * *"
# A device that could not be asked is asked again for so long; the nightly round comes after it.
LOOK_BACK: Final = timedelta(minutes=15)
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


@job("playbooks.noticed", queue=Queue.BULK, cron=EACH_MINUTE)
def collect_noticed(context: JobContext, args: Scalars) -> Scalars:
    """Collect what was configured by hand a moment ago; a device that fails spoils no other."""
    return context.step("collect", lambda: collect_configured(context.db))


def collect_configured(db: Database) -> Scalars:
    """Collect from each device that said so; returns how many ended in each way."""
    actor = Actor.system("configured")
    with db.read() as session:
        found = noticed(session, clock.now() - LOOK_BACK)
    counts: dict[str, int] = {}
    for one in found:
        with db.read() as session:
            begun = rounds.begin(session, actor, {one.device})
        kept = [
            *begun.refused,
            *rounds.run(db, StoredHostKeys(db), actor, begun.accesses, one.source),
        ]
        for each in kept:
            word = "new" if each.is_new else str(each.reason)
            counts[word] = counts.get(word, 0) + 1
            if each.reason is not Reason.OK:
                LOG.warning("%s was configured, but not read: %s", each.device, each.message)
    return {**counts}


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
