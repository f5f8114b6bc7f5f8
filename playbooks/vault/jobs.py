"""The nightly round: every configuration is collected once, before anybody comes to work."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from hatang.auth import Actor
from hatang.drivers.hostkeys import StoredHostKeys
from hatang.errors import Reason
from hatang.jobs import JobContext, Queue, Scalars, job
from hatang.log import get_logger
from playbooks.pace import USUAL, Pace
from playbooks.vault import rounds

if TYPE_CHECKING:
    from hatang.db import Database

LOG: Final = get_logger(__name__)
NIGHTLY: Final = "0 0 2 * * *"  # 02:00 in the settings' time zone


@job("playbooks.collect", queue=Queue.BULK, cron=NIGHTLY)
def collect(context: JobContext, args: Scalars) -> Scalars:
    """Collect all configurations; a device that fails is counted and spoils no other."""
    return context.step("collect", lambda: collect_all(context.db, Pace.of(context.settings)))


def collect_all(db: Database, pace: Pace = USUAL) -> dict[str, int]:
    """Run one round and return how many devices ended in each way; `new` are new versions."""
    actor = Actor.system("nightly collection")
    with db.read() as session:
        found = rounds.begin(session, actor, None)
    counts: Counter[str] = Counter(kept.reason for kept in found.refused)
    asked = rounds.run(db, StoredHostKeys(db), actor, found.accesses, "nightly", pace=pace)
    for kept in asked:
        counts["new" if kept.is_new else kept.reason] += 1
        if kept.reason is not Reason.OK:
            LOG.warning("no configuration of %s: %s", kept.device, kept.message)
    return dict(counts)
