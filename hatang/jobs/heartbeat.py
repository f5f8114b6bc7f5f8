"""Signs of life of workers, and who is dead: only then may another take over their jobs.

Without the engine's paid control plane a job stays with the worker that started it until a
process with that worker's id starts again; so one elected worker resumes the jobs of dead ones.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select, text

from hatang.jobs.leases import database_now
from hatang.jobs.models import ExecutorHeartbeat

if TYPE_CHECKING:
    from hatang.db import AnySession, WriteSession

BEAT_SECONDS: Final = 10.0
DEAD_SECONDS: Final = 60.0
# Any constant unlike other advisory locks of hatang's.
_SWEEP_LOCK: Final = 0x6861_7461_6E67_0002


def beat(session: WriteSession, executor: str) -> None:
    """Note that `executor` lives."""
    at = database_now(session)
    row = session.get(ExecutorHeartbeat, executor)
    if row is None:
        session.add(ExecutorHeartbeat(executor=executor, seen_at=at))
    else:
        row.seen_at = at


def leave(session: WriteSession, executor: str) -> None:
    """Note that `executor` ended in good order with nothing left to do."""
    session.execute(delete(ExecutorHeartbeat).where(ExecutorHeartbeat.executor == executor))


def dead(session: AnySession, after_seconds: float = DEAD_SECONDS) -> list[str]:
    """Return executors that gave no sign of life for `after_seconds`."""
    limit = database_now(session) - timedelta(seconds=after_seconds)
    query = select(ExecutorHeartbeat.executor).where(ExecutorHeartbeat.seen_at < limit)
    return list(session.scalars(query.order_by(ExecutorHeartbeat.executor)))


def elected(session: WriteSession) -> bool:
    """Return True for the one worker that may sweep during this transaction."""
    if session.get_bind().dialect.name != "postgresql":
        return False
    lock = text("SELECT pg_try_advisory_xact_lock(:key)")
    return bool(session.execute(lock, {"key": _SWEEP_LOCK}).scalar_one())
