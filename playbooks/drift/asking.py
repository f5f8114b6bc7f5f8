"""Comparisons that a person asks for: done here and now, or by the worker as a durable job."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from hatang import audit, blobs, clock, jobs
from hatang.auth import Permission
from inventory import service as inventory
from inventory.rows import EVERYTHING
from playbooks.changes.selecting import Selection, select_devices
from playbooks.drift.checking import check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.auth import Actor
    from hatang.db import AnySession, Database, WriteSession
    from hatang.jobs import Scalars

JOB: Final = "playbooks.drift-asked"
NIGHT_JOB: Final = "playbooks.drift"


def ask(session: WriteSession, actor: Actor, names: Sequence[str] | None = None) -> str:
    """Have the worker compare the devices `names`, None: all the actor may; returns the job's key.

    The same devices are compared once at a time and at most once a minute: who asks again gets the
    key of the comparison that is under way.

    Raises:
        DeniedError: the actor may not say what is intended.
        InvalidInputError: an unknown device.
    """
    chosen = _chosen(session, actor, names)
    devices = blobs.put(session, json.dumps(chosen).encode())
    args = {"devices": devices}
    known = jobs.underway(session, JOB, args)
    if known is not None:
        return known
    key = f"drift/{devices[:16]}/{clock.now():%Y-%m-%dT%H:%M}"
    return jobs.request(session, JOB, args, key=key, actor=actor.name).key


def check_asked(db: Database, backup_hours: int, args: Scalars) -> dict[str, int]:
    """Compare the devices that somebody asked to compare; as `check`."""
    with db.read() as session:
        names = json.loads(blobs.get(session, str(args["devices"])))
    return check(db, backup_hours, names=names)


def is_underway(session: AnySession) -> bool:
    """Return whether everything, or what somebody asked for, waits to be compared or is."""
    return any(jobs.underway(session, name) for name in (JOB, NIGHT_JOB))


def run(
    db: Database, actor: Actor, backup_hours: int, names: Sequence[str] | None = None
) -> dict[str, int]:
    """Compare the devices `names` here and now, None: all the actor may; as `check`.

    Raises:
        DeniedError, InvalidInputError: as `ask`.
    """
    with db.write() as session:
        chosen = _chosen(session, actor, names)
    return check(db, backup_hours, names=chosen)


def _chosen(session: WriteSession, actor: Actor, names: Sequence[str] | None) -> list[str]:
    """Return the names of the devices to compare, and note in the audit log who asked for it."""
    acting = actor.acting(Permission.INVENTORY_WRITE)
    if names is None:
        rows = list(inventory.list_devices(session, acting, EVERYTHING).items)
    else:
        selection = Selection(names=tuple(names))
        rows = select_devices(session, acting, selection, Permission.INVENTORY_WRITE)
    audit.record(session, actor, "drift.run", "drift", {"devices": len(rows)})
    return sorted(row.name for row in rows)
