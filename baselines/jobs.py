"""Audits by themselves: what changed is judged within a minute or two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from baselines.service import audit_devices, stale_devices, standing
from hatang.auth import Actor
from hatang.jobs import JobContext, Queue, Scalars, job

if TYPE_CHECKING:
    from hatang.db import Database

EVERY_MINUTE: Final = "30 * * * * *"


@job("baselines.recheck", queue=Queue.BULK, cron=EVERY_MINUTE)
def recheck(context: JobContext, args: Scalars) -> Scalars:
    """Judge the devices whose newest audit holds no longer."""
    return context.step("recheck", lambda: recheck_all(context.db))


def recheck_all(db: Database) -> dict[str, int]:
    """Judge them and return how many were, and how many of those broke."""
    actor = Actor.system("recheck of baselines")
    with db.write() as writing:
        standing.follow(writing)
    with db.read() as session:
        names = stale_devices(session, actor)
    if not names:
        return {"audited": 0, "errors": 0}
    done = audit_devices(db, actor, names)
    return {"audited": len(done.audits), "errors": len(done.errors)}
