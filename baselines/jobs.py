"""Audits by themselves: what changed is judged within a minute or two."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from baselines import itself
from baselines.service import (
    audit_devices,
    due_year,
    freeze,
    is_frozen,
    ordering,
    stale_devices,
    standing,
)
from hatang import clock
from hatang.auth import Actor
from hatang.jobs import JobContext, Queue, Scalars, job

if TYPE_CHECKING:
    from hatang.db import Database

EVERY_MINUTE: Final = "30 * * * * *"
EVERY_TEN_MINUTES: Final = "30 2-59/10 * * * *"
NIGHTLY: Final = "0 0 4 * * *"  # 04:00 in the settings' time zone, when the collection is over
DAILY: Final = "0 10 0 * * *"  # 00:10 in the settings' time zone


@job("baselines.recheck", queue=Queue.BULK, cron=EVERY_MINUTE)
def recheck(context: JobContext, args: Scalars) -> Scalars:
    """Judge the devices whose newest audit holds no longer."""
    days = context.settings.baselines.golive_days
    return context.step("recheck", lambda: recheck_all(context.db, days))


def recheck_all(db: Database, golive_days: int = 0) -> dict[str, int]:
    """Judge them and return how many were, and how many of those broke.

    What stands unchanged is judged anew at half of `golive_days`, so that it never lacks an audit
    when it, or a service above it, goes live; 0 judges it when it changes.
    """
    actor = Actor.system("recheck of baselines")
    with db.write() as writing:
        standing.follow(writing)
    with db.read() as session:
        names = stale_devices(session, actor, lasting=timedelta(days=golive_days / 2) or None)
    if not names:
        return {"audited": 0, "errors": 0}
    done = audit_devices(db, actor, names)
    return {"audited": len(done.audits), "errors": len(done.errors)}


@job("baselines.itself", queue=Queue.BULK, cron=EVERY_TEN_MINUTES)
def judge_itself(context: JobContext, args: Scalars) -> Scalars:
    """Judge hatang's own host, settings and accounts: soon after the first start, then daily."""
    return context.step("judge", lambda: itself.audit_due(context.db, context.settings))


@job(itself.JOB, queue=Queue.BULK)
def judge_itself_now(context: JobContext, args: Scalars) -> Scalars:
    """Judge hatang itself because somebody asked for it."""
    db, settings, asker = context.db, context.settings, context.actor
    return context.step("judge", lambda: itself.audit_asked(db, settings, asker))


@job(ordering.JOB, queue=Queue.SCAN)
def scan_server(context: JobContext, args: Scalars) -> Scalars:
    """Have a server's own OpenSCAP judge it because somebody asked for it."""
    db, settings, asker = context.db, context.settings, context.actor
    context.progress(0, 1, f"{args['device']}: OpenSCAP judges")
    number = context.step("scan", lambda: ordering.scan_asked(db, settings, asker, args))
    context.progress(1, 1, f"{args['device']}: scan {number} is kept")
    return {"scan": number}


@job("baselines.scan-servers", queue=Queue.BULK, cron=NIGHTLY)
def scan_servers(context: JobContext, args: Scalars) -> Scalars:
    """Ask for a scan of each server that the settings name."""
    key = context.child_key("server")
    return context.step("ask", lambda: ordering.ask_all(context.db, context.settings, key))


@job("baselines.freeze-sheet", queue=Queue.BULK, cron=DAILY)
def freeze_sheet(context: JobContext, args: Scalars) -> Scalars:
    """Freeze the annual data sheet once its year is over, from 15 December on."""
    return context.step("freeze", lambda: freeze_due(context.db))


def freeze_due(db: Database) -> dict[str, int]:
    """Freeze the sheet that is due, if one is; returns its year, or 0."""
    year = due_year(clock.now())
    with db.write() as session:
        if year is None or is_frozen(session, year):
            return {"year": 0}
        freeze(session, Actor.system("annual data sheet"), year)
    return {"year": year}
