"""The engine: SQLite in WAL mode on one machine, PostgreSQL beyond it.

On SQLite a write starts with BEGIN IMMEDIATE: with the driver's defaults two threads doing
read-modify-write silently lose updates (450 of 600 in a trial).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from hatang.db import holding
from hatang.db.migrations import runner
from hatang.db.session import ReadSession, WriteSession
from hatang.errors import UnavailableError
from hatang.log import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

LOG: Final = get_logger(__name__)
BUSY_TIMEOUT_MS: Final = 10_000
# Our lists join a dozen tables, each by the key of one row, and are written in the order to read
# them in: PostgreSQL took longer to try other orders (20 ms of a search) than to answer.
_PLAIN_ORDER: Final = "-c join_collapse_limit=3"


class Database:
    """An open database; `read()` and `write()` are the only doors to it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"

    @classmethod
    def open(cls, url: str) -> Database:
        """Open `url` (`sqlite:///FILE` or `postgresql+psycopg://…`) without creating tables."""
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite":
            given = {} if "options" in parsed.query else {"options": _PLAIN_ORDER}
            return cls(create_engine(parsed, pool_pre_ping=True, connect_args=given))
        engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return cls(engine)

    @contextmanager
    def read(self) -> Iterator[ReadSession]:
        """Yield a session that the database itself keeps from writing."""
        with self._connect({"hatang_write": False}) as connection:
            session = ReadSession(connection, autoflush=False, expire_on_commit=False)
            try:
                if not self.is_sqlite:
                    session.execute(text("SET TRANSACTION READ ONLY"))
                yield session
            finally:
                session.close()

    @contextmanager
    def write(self) -> Iterator[WriteSession]:
        """Yield the session of one transaction; it commits on a clean exit and only then."""
        with self._connect({"hatang_write": True}) as connection:
            session = WriteSession(connection, expire_on_commit=False)
            with holding.watched(connection):
                yield from _committed(session)

    @contextmanager
    def _connect(self, options: dict[str, Any]) -> Iterator[Connection]:
        try:
            connection = self.engine.connect().execution_options(**options)
        except OperationalError as error:
            raise UnavailableError(f"the database does not open: {error.orig}") from error
        try:
            yield connection
        finally:
            connection.close()

    def ping(self) -> None:
        """Ask the database for nothing; raises UnavailableError when it does not answer."""
        try:
            with self.read() as session:
                session.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            raise UnavailableError(f"the database does not answer: {error}") from error

    def forget_overwritten(self) -> None:
        """Empty SQLite's log of writes, which holds pages as they were; PostgreSQL vacuums itself.

        Waits for readers of an older state as long as for a lock, and then leaves the rest to the
        next time, with a warning.
        """
        if not self.is_sqlite:
            return
        connection = self.engine.raw_connection()
        try:
            told = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (is_busy, *_pages) = told.fetchone()
        finally:
            connection.close()
        if is_busy:
            LOG.warning("what was overwritten stays in the database's log: somebody reads there")

    def migrate(self) -> None:
        """Bring the tables to this version; raises SettingsError when they are newer."""
        runner.upgrade(self.engine)

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _committed(session: WriteSession) -> Iterator[WriteSession]:
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not open transactions by itself: _begin_sqlite says which kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "synchronous=FULL",
        "secure_delete=ON",  # what is replaced leaves no bytes behind; Debian builds SQLite so
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("hatang_write", True)
    connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
    if writes:
        holding.begun(connection)
