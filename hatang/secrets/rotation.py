"""Rotating the master key while hatang runs, so that a crash at any moment loses nothing.

The file gets the new key in front of the old one first; every process that opened it follows it
from then on. The database is rewritten batch by batch, each its own transaction. The old key goes
last, once nothing is sealed with it and no transaction is open that began before. Begun again, a
rotation that was cut short goes on with the same new key.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, text

from hatang.audit import record
from hatang.auth import Permission, require
from hatang.errors import ConflictError
from hatang.sealing import SEALED, Rows, load_master_key, replace_master_key, reseal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from hatang.auth import Actor
    from hatang.db import AnySession, Database
    from hatang.sealing import MasterKey
    from hatang.sealing.columns import SealedColumn

BATCH: Final = 200
PATIENCE_SECONDS: Final = 30.0
PAUSE_SECONDS: Final = 0.2
# Not our own: this very transaction is older than none.
_OLDER: Final = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND xact_start < :published"
)


@dataclass(frozen=True, slots=True)
class Rotation:
    """How many values were sealed anew, with which key, and whether it ended an earlier run."""

    values: int
    key: str
    resumed: bool


def rotate_master_key(database: Database, actor: Actor, path: Path, batch: int = BATCH) -> Rotation:
    """Seal everything with a fresh master key and forget the old one; hatang may run meanwhile.

    Blobs keep their own keys; those are what is sealed anew. Where processes of other machines
    hold a copy of the key file, they are to be stopped before and given the new file after.

    Raises:
        DeniedError: the actor may not administer.
        TamperedError, SettingsError: a value does not open; the file keeps both keys then.
        ConflictError: another rotation is going on; or a transaction from before stays open, the
            file keeps both keys then.
    """
    require(actor, Permission.USER_ADMIN)
    with _alone(path.parent):
        return _rotate(database, actor, path, batch)


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Let one rotation at a time go on: a second one would put back the file of the first."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            fix = "Wait for its end, then look with `hatang master-key show`."
            raise ConflictError("another rotation is going on", fix=fix) from error
        yield
    finally:
        os.close(descriptor)


def _rotate(database: Database, actor: Actor, path: Path, batch: int) -> Rotation:
    key = load_master_key(path)
    resumed = len(key.keys) > 1
    if not resumed:
        key = key.rotated()
        replace_master_key(path, key)
    with database.write() as session:
        published = _database_time(session)
        record(session, actor, "master-key.rotate", "master-key", {"key": key.current})
    count = _reseal_all(database, key, batch)
    _await_older(database, published)
    count += _reseal_all(database, key, batch)
    replace_master_key(path, key.only_current())
    with database.write() as session:
        detail = {"values": count, "key": key.current}
        record(session, actor, "master-key.rotated", "master-key", detail)
    return Rotation(count, key.current, resumed)


def _reseal_all(database: Database, key: MasterKey, batch: int) -> int:
    return sum(_reseal_column(database, column, key, batch) for column in SEALED)


def _reseal_column(database: Database, column: SealedColumn, key: MasterKey, batch: int) -> int:
    count, after = 0, None
    while True:
        with database.write() as session:
            done = reseal(session, column, key, Rows(after, batch))
        count += done.count
        if done.last is None:
            return count
        after = done.last


def _database_time(session: AnySession) -> datetime | None:
    # SQLite has one writer at a time: whoever sealed with the old key has committed by now.
    if session.get_bind().dialect.name == "sqlite":
        return None
    at: datetime | None = session.scalar(func.clock_timestamp())
    return at


def _await_older(database: Database, published: datetime | None) -> None:
    if published is None:
        return
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        with database.read() as session:
            if not session.scalar(_OLDER, {"published": published}):
                return
        if time.monotonic() > deadline:
            raise ConflictError(
                "a transaction that began before the new key is still open",
                fix="Both keys are kept; find it in pg_stat_activity, then rotate again.",
            )
        time.sleep(PAUSE_SECONDS)
