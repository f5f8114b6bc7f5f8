"""How long history is kept: each package says what grows old, one nightly job takes it away.

In chunks of a transaction each, so that nobody waits behind it. The audit log is no such history:
nothing of its chain is ever deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from sqlalchemy import ColumnElement, delete, func, select

from hatang import audit, clock
from hatang.auth import Actor
from hatang.jobs import JobContext, Queue, Scalars, job

if TYPE_CHECKING:
    from sqlalchemy.orm import InstrumentedAttribute

    from hatang.db import AnySession, Database
    from hatang.settings import Settings

NIGHTLY: Final = "0 30 3 * * *"  # 03:30 in the settings' time zone, when the collection is over
CHUNK: Final = 500
Doomed: TypeAlias = Callable[[datetime], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Policy:
    """Rows that go when they are old enough.

    `days` reads the setting, `doomed` tells which rows of `key`'s table are too old at a moment,
    `parts` are the columns of other tables that refer to `key`; their rows go first.
    """

    name: str
    days: Callable[[Settings], int]
    key: InstrumentedAttribute[int]
    doomed: Doomed
    parts: tuple[InstrumentedAttribute[int], ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """How many rows of a policy are older than `days`; `parts` are those that belong to them."""

    name: str
    days: int
    before: datetime
    rows: int
    parts: int


_POLICIES: Final[dict[str, Policy]] = {}


def keep(policy: Policy) -> Policy:
    """Register `policy`; the nightly job follows it from now on."""
    _POLICIES[policy.name] = policy
    return policy


def policies() -> tuple[Policy, ...]:
    """Return all policies of this process, by name."""
    return tuple(_POLICIES[name] for name in sorted(_POLICIES))


def due(session: AnySession, settings: Settings) -> list[Due]:
    """Return what the nightly job would take away now; nothing is changed."""
    return [_due(session, policy, policy.days(settings)) for policy in policies()]


def _due(session: AnySession, policy: Policy, days: int) -> Due:
    before = clock.now() - timedelta(days=days)
    old = select(policy.key).where(policy.doomed(before))
    rows = session.scalar(select(func.count()).select_from(old.subquery())) or 0
    parts = sum(
        session.scalar(select(func.count()).where(column.in_(old))) or 0 for column in policy.parts
    )
    return Due(policy.name, days, before, rows, parts)


@job("hatang.retention", queue=Queue.BULK, cron=NIGHTLY)
def retire(context: JobContext, args: Scalars) -> Scalars:
    """Take away what is too old; a crash goes on with what is left."""
    return {
        policy.name: context.step(
            policy.name, partial(purge, context.db, policy, policy.days(context.settings))
        )
        for policy in policies()
    }


def purge(db: Database, policy: Policy, days: int, chunk: int = CHUNK) -> int:
    """Delete what is older than `days`, `chunk` rows a transaction; returns how many there were."""
    before = clock.now() - timedelta(days=days)
    gone = 0
    while True:
        with db.write() as session:
            old = select(policy.key).where(policy.doomed(before)).order_by(policy.key)
            keys = session.scalars(old.limit(chunk)).all()
            for column in policy.parts:
                session.execute(delete(column.class_).where(column.in_(keys)))
            session.execute(delete(policy.key.class_).where(policy.key.in_(keys)))
            gone += len(keys)
            if len(keys) < chunk:
                if gone:
                    detail = {"rows": gone, "older_than": before.isoformat()}
                    audit.record(
                        session, Actor.system("retention"), "retention.purge", policy.name, detail
                    )
                return gone
