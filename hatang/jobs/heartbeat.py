"""Signs of life of workers, and who is dead: only then may another take over their jobs.

Without the engine's paid control plane a job stays with the worker that started it until a
process with that worker's id starts again; so one elected worker resumes the jobs of dead ones.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import BigInteger, cast, func, select, text

from hatang.errors import SettingsError
from hatang.jobs.leases import database_now
from hatang.jobs.models import ExecutorHeartbeat

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hatang.db import AnySession, Database, WriteSession

# Any constant unlike other advisory locks of hatang's.
_SWEEP_LOCK: Final = 0x6861_7461_6E67_0002


class IdClaim:
    """The claim that no other process, on any machine, works under this executor id.

    Held by a database session on PostgreSQL; on SQLite the lock file alone says it.
    """

    def __init__(self, db: Database, executor: str) -> None:
        self._connection: Connection | None = None
        if db.is_sqlite:
            return
        self._connection = db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        key = cast(func.hashtext(f"hatang executor {executor}"), BigInteger)
        if not self._connection.execute(select(func.pg_try_advisory_lock(key))).scalar_one():
            self.close()
            raise SettingsError(
                f"another process works as executor {executor}",
                fix="Give each worker its own executor_id.",
            )

    def close(self) -> None:
        """Give the id up."""
        if self._connection is not None:
            self._connection.invalidate()  # the lock belongs to the session, so that must end
            self._connection.close()
            self._connection = None


def beat(session: WriteSession, executor: str) -> None:
    """Note that `executor` lives."""
    at = database_now(session)
    row = session.get(ExecutorHeartbeat, executor)
    if row is None:
        session.add(ExecutorHeartbeat(executor=executor, seen_at=at))
    else:
        row.seen_at = at


def dead(session: AnySession, after_seconds: float) -> list[str]:
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
