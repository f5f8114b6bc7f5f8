"""Collects within two minutes what a device says somebody has configured, with who it was.

Devices tell by trap or log line (`configured by USER`); the monitors keep that as a hint. A device
is asked once a telling: one whose configuration was collected since is left alone.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from hatang import clock
from hatang.auth import Actor
from hatang.drivers.hostkeys import StoredHostKeys
from hatang.errors import Reason
from hatang.jobs import JobContext, Queue, Scalars, job
from hatang.log import get_logger
from playbooks.pace import USUAL, Pace
from playbooks.vault import rounds
from playbooks.vault.hinted import noticed

if TYPE_CHECKING:
    from hatang.db import Database

LOG: Final = get_logger(__name__)
EACH_MINUTE: Final = "15 * * * * *"
# A device that could not be asked is asked again for so long; the nightly round comes after it.
LOOK_BACK: Final = timedelta(minutes=15)


@job("playbooks.noticed", queue=Queue.BULK, cron=EACH_MINUTE)
def collect_noticed(context: JobContext, args: Scalars) -> Scalars:
    """Collect what was configured by hand a moment ago; a device that fails spoils no other."""
    pace = Pace.of(context.settings)
    return context.step("collect", lambda: collect_configured(context.db, pace))


def collect_configured(db: Database, pace: Pace = USUAL) -> Scalars:
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
            *rounds.run(db, StoredHostKeys(db), actor, begun.accesses, one.source, pace=pace),
        ]
        for each in kept:
            word = "new" if each.is_new else str(each.reason)
            counts[word] = counts.get(word, 0) + 1
            if each.reason is not Reason.OK:
                LOG.warning("%s was configured, but not read: %s", each.device, each.message)
    return {**counts}
