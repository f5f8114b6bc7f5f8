"""Compares by itself: everything at night, and within a minute or two what changed by day."""

from __future__ import annotations

from typing import Final

from hatang.jobs import JobContext, Queue, Scalars, job
from playbooks.drift.asking import JOB, NIGHT_JOB, check_asked
from playbooks.drift.checking import check

NIGHTLY: Final = "0 0 3 * * *"  # 03:00 in the settings' time zone, when the collection is over
EACH_MINUTE: Final = "45 * * * * *"


@job(NIGHT_JOB, queue=Queue.BULK, cron=NIGHTLY)
def compare_all(context: JobContext, args: Scalars) -> Scalars:
    """Compare every device with what is intended for it: inventory data may have changed too."""
    hours = context.settings.playbooks.drift_backup_hours
    return context.step("compare", lambda: check(context.db, hours))


@job("playbooks.drift-changed", queue=Queue.BULK, cron=EACH_MINUTE)
def compare_changed(context: JobContext, args: Scalars) -> Scalars:
    """Compare the devices of which the vault keeps a new version, or for which another is set."""
    hours = context.settings.playbooks.drift_backup_hours
    return context.step("compare", lambda: check(context.db, hours, is_everything=False))


@job(JOB, queue=Queue.BULK)
def compare_asked(context: JobContext, args: Scalars) -> Scalars:
    """Compare the devices that somebody asked to compare."""
    hours = context.settings.playbooks.drift_backup_hours
    return context.step("compare", lambda: check_asked(context.db, hours, args))
