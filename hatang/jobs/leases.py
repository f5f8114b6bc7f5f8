"""Leases with fencing: who may write to a thing now, checked again right before the write.

A queue partition keeps two jobs apart, but not a paused process that wakes up after another took
over its job (7 of 20 devices were touched by both in a trial). The fence is a number that grows
with every grant: whoever holds an old one is told so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from hatang import clock
from hatang.errors import ConflictError
from hatang.jobs.models import JobLease

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement

    from hatang.db import AnySession, WriteSession


class LeaseHeldError(ConflictError):
    """Somebody else may write to the resource now."""

    code = "lease_held"
    retryable = True


class LeaseLostError(ConflictError):
    """The lease ran out or went to another: do not write."""

    code = "lease_lost"


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write to `resource`; valid while `fence` is the newest and time is left."""

    resource: str
    holder: str
    fence: int


def database_now(session: AnySession) -> datetime:
    """Return the time all workers agree on: the database's, or this machine's under SQLite."""
    if session.get_bind().dialect.name == "sqlite":
        return clock.now()
    at: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return at.astimezone(UTC)


def acquire(session: WriteSession, resource: str, holder: str, seconds: float) -> Lease:
    """Take the lease on `resource` for `seconds`; a holder that crashed may take its own again.

    Raises:
        LeaseHeldError: another holder's lease has not run out.
    """
    at = database_now(session)
    row = session.get(JobLease, resource, with_for_update=True)
    if row is None:
        row = JobLease(resource=resource, holder="", fence=0)
        session.add(row)
    elif row.holder and row.holder != holder and row.expires_at and row.expires_at > at:
        raise LeaseHeldError(
            f"{resource} is held by {row.holder} until {row.expires_at:%H:%M:%S} UTC",
            fix="Wait until it is done, or cancel it.",
        )
    row.holder, row.fence = holder, row.fence + 1
    row.expires_at = at + timedelta(seconds=seconds)
    try:
        session.flush()
    except IntegrityError as error:  # two takers of a resource nobody ever held
        raise LeaseHeldError(f"{resource} was taken just now", fix="Try again.") from error
    return Lease(resource, holder, row.fence)


def acquire_all(
    session: WriteSession, resources: Iterable[str], holder: str, seconds: float
) -> list[Lease]:
    """Take the leases on all `resources` or, when this raises, none (roll back the session).

    They are taken in sorted order, so that two takers cannot wait for each other.
    """
    return [acquire(session, resource, holder, seconds) for resource in sorted(set(resources))]


def held_by(session: AnySession, holder: str) -> list[Lease]:
    """Return what `holder` has now: what it left behind when it crashed may be released so."""
    rows = session.execute(
        select(JobLease.resource, JobLease.fence)
        .where(JobLease.holder == holder)
        .order_by(JobLease.resource)
    )
    return [Lease(resource, holder, fence) for resource, fence in rows]


def check(session: AnySession, lease: Lease) -> None:
    """Raise LeaseLostError unless `lease` still holds; call it right before every write."""
    row = session.execute(
        select(JobLease.fence, JobLease.holder, JobLease.expires_at).where(
            JobLease.resource == lease.resource
        )
    ).one_or_none()
    held = row is not None and (row.fence, row.holder) == (lease.fence, lease.holder)
    if row is None or not held or row.expires_at is None or row.expires_at <= database_now(session):
        raise _lost(lease)


def _lost(lease: Lease) -> LeaseLostError:
    message = f"the lease on {lease.resource} was lost"
    return LeaseLostError(message, fix="Read the device's state before acting.")


def _mine(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return (
        JobLease.resource == lease.resource,
        JobLease.fence == lease.fence,
        JobLease.holder == lease.holder,
    )


def renew(session: WriteSession, lease: Lease, seconds: float) -> None:
    """Hold on for `seconds` from now; LeaseLostError when another took it meanwhile.

    A lease that ran out and that nobody took is held again: as the fence says, nobody came
    between, and a clock that was set forward takes no device from anybody.
    """
    until = database_now(session) + timedelta(seconds=seconds)
    held = update(JobLease).where(*_mine(lease)).values(expires_at=until)
    if session.execute(held.returning(JobLease.fence)).one_or_none() is None:
        raise _lost(lease)


def release(session: WriteSession, lease: Lease) -> None:
    """Let go; harmless when the lease was lost."""
    session.execute(update(JobLease).where(*_mine(lease)).values(holder="", expires_at=None))
