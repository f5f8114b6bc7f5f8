"""Slows guessing down: failures are counted before the password is looked at.

Counting first means that attempts made at the same moment cannot slip past the limit. A name
is locked for at most 15 minutes, so that locking a colleague out by guessing stays a nuisance.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from hatang.auth.models import LoginThrottle
from hatang.clock import now

if TYPE_CHECKING:
    from hatang.db import WriteSession

FIRST_LOCK_SECONDS: Final = 30.0
LONGEST_LOCK_SECONDS: Final = 900.0
FORGET_AFTER: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limited:
    """Something whose attempts are counted, and how many failures it is allowed."""

    key: str
    free: int


def limits(name: str, address: str) -> tuple[Limited, ...]:
    """Return what an attempt is counted under; an address may hide many people behind it."""
    limited = (Limited(_key("name", name), 5),)
    return (*limited, Limited(_key("address", address), 50)) if address else limited


def reserve(session: WriteSession, limited: tuple[Limited, ...]) -> datetime | None:
    """Count an attempt as failed beforehand, or return until when none is taken.

    Raises nothing; `release` takes the count back when the attempt succeeds.
    """
    session.execute(
        delete(LoginThrottle).where(LoginThrottle.last_failed_at < now() - FORGET_AFTER)
    )
    # Sorted, so that two attempts at once lock rows in one order.
    rows = [_row(session, limit) for limit in sorted(limited, key=lambda limit: limit.key)]
    locked = [row.locked_until for row in rows if row.locked_until and row.locked_until > now()]
    if locked:
        return max(locked)
    free = {limit.key: limit.free for limit in limited}
    for row in rows:
        row.failures += 1
        row.last_failed_at = now()
        row.locked_until = _lock(row.failures, free[row.key])
    session.flush()
    return None


def release(session: WriteSession, limited: tuple[Limited, ...]) -> None:
    """Take back the count of one attempt that was no failure, though not yet a success either."""
    for limit in limited:
        row = _row(session, limit)
        row.failures = max(0, row.failures - 1)
        row.locked_until = None
    session.flush()


def forget(session: WriteSession, limited: tuple[Limited, ...]) -> None:
    """Forget the failures of the name, and this one attempt of the address."""
    release(session, limited)
    session.execute(delete(LoginThrottle).where(LoginThrottle.key == limited[0].key))


def _lock(failures: int, free: int) -> datetime | None:
    over = failures - free
    if over < 0:
        return None
    seconds = min(FIRST_LOCK_SECONDS * 2 ** min(over, 10), LONGEST_LOCK_SECONDS)
    return now() + timedelta(seconds=seconds)


def _row(session: WriteSession, limit: Limited) -> LoginThrottle:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    fresh = insert(LoginThrottle).values(key=limit.key, failures=0, last_failed_at=now())
    session.execute(fresh.on_conflict_do_nothing())
    return session.get_one(LoginThrottle, limit.key, with_for_update=True)


def _key(kind: str, text: str) -> str:
    return f"{kind}:{hashlib.sha256(text.casefold().encode()).hexdigest()}"
