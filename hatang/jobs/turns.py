"""Turns at a thing that bears few at once, counted over all processes and machines.

A turn is a lease on one of the thing's places. Its holder keeps it alive from a thread of its own;
a process that dies loses it within a minute, and one that comes back under the same name has its
place again at once.
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from hatang import clock
from hatang.errors import DriverError, HatangError, Reason
from hatang.jobs import leases
from hatang.jobs.models import JobLease
from hatang.log import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.db import Database
    from hatang.jobs.leases import Lease

LOG: Final = get_logger(__name__)
LEASE_SECONDS: Final = 60.0
RENEWALS: Final = 4  # within the lease's time: a busy database may miss some
PAUSE_SECONDS: Final = 0.25  # between looks for a free place, and up to twice as long


class NoTurnError(DriverError):
    """Every place stayed taken as long as one was waited for; nothing was asked."""

    code = "no_turn"
    retryable = True

    def __init__(self, resource: str, places: int, seconds: float) -> None:
        message = f"all {places} places at {resource} were taken for {seconds:.0f} s"
        fix = "Try again later, or allow more at once."
        super().__init__(message, Reason.BUSY, fix=fix)


@contextmanager
def turn(
    db: Database, resource: str, places: int, *, patience: float, holder: str = ""
) -> Iterator[None]:
    """Hold one of the `places` of `resource`; waits `patience` seconds for it at most.

    `holder` is a name that outlives the process, whose place is waiting for it after a crash.

    Raises:
        NoTurnError: no place became free in time.
    """
    lease = _awaited(db, resource, places, patience, holder or f"turn-{uuid.uuid4()}")
    over = threading.Event()
    keeper = threading.Thread(
        target=_keep, args=(db, lease, over), name=f"turn {resource}", daemon=True
    )
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()
        _let_go(db, lease)


def _awaited(db: Database, resource: str, places: int, patience: float, holder: str) -> Lease:
    deadline = clock.monotonic() + patience
    while (lease := _taken(db, resource, places, holder)) is None:
        if clock.monotonic() >= deadline:
            raise NoTurnError(resource, places, patience)
        _rest()
    return lease


def _rest() -> None:
    time.sleep(PAUSE_SECONDS * random.uniform(1, 2))  # noqa: S311 - spreads the waiters


def _taken(db: Database, resource: str, places: int, holder: str) -> Lease | None:
    names = [f"{resource}/{number}" for number in range(1, places + 1)]
    with db.read() as session:
        at = leases.database_now(session)
        taken = select(JobLease.resource, JobLease.holder).where(
            JobLease.resource.in_(names), JobLease.holder != "", JobLease.expires_at > at
        )
        held = {row.resource: row.holder for row in session.execute(taken)}
    own = [name for name in names if held.get(name) == holder]
    for name in own or [name for name in names if name not in held]:
        try:
            with db.write() as session:
                return leases.acquire(session, name, holder, LEASE_SECONDS)
        except leases.LeaseHeldError:  # another was quicker
            continue
    return None


def _keep(db: Database, lease: Lease, over: threading.Event) -> None:
    while not over.wait(LEASE_SECONDS / RENEWALS):
        try:
            with db.write() as session:
                leases.renew(session, lease, LEASE_SECONDS)
        except leases.LeaseLostError:
            LOG.warning("a turn was lost to another: %s", lease.resource)
            return
        except (SQLAlchemyError, HatangError) as error:
            LOG.warning("a turn was not renewed: %s", type(error).__name__)


def _let_go(db: Database, lease: Lease) -> None:
    try:
        with db.write() as session:
            leases.release(session, lease)
    except (SQLAlchemyError, HatangError) as error:  # it runs out by itself
        LOG.warning("a turn was not given back: %s", type(error).__name__)
