from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from hatang import blobs
from hatang.errors import NotFoundError, TamperedError

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.db import Database

DATA = b"hostname core-1\nenable secret canary-5d1e\n"


def files(data_dir: Path) -> list[Path]:
    return [path for path in (data_dir / "blobs").rglob("*") if path.is_file()]


def test_what_was_put_comes_back_and_is_kept_once(database: Database, data_dir: Path) -> None:
    with database.write() as session:
        first, second = blobs.put(session, DATA), blobs.put(session, DATA)
    with database.read() as session:
        assert blobs.get(session, first) == DATA
    assert first == second
    assert len(files(data_dir)) == 1


def test_neither_the_file_nor_its_name_betrays_the_content(
    sqlite_database: Database, data_dir: Path
) -> None:
    with sqlite_database.write() as session:
        address = blobs.put(session, DATA)
    (path,) = files(data_dir)
    assert b"canary" not in path.read_bytes()
    assert hashlib.sha256(DATA).hexdigest() not in (address, path.name)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_changed_file_is_found(sqlite_database: Database, data_dir: Path) -> None:
    with sqlite_database.write() as session:
        address = blobs.put(session, DATA)
    (path,) = files(data_dir)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with sqlite_database.read() as session, pytest.raises(TamperedError):
        blobs.get(session, address)


def test_a_lost_file_is_found_and_listed(sqlite_database: Database, data_dir: Path) -> None:
    with sqlite_database.write() as session:
        address = blobs.put(session, DATA)
    files(data_dir)[0].unlink()
    with sqlite_database.read() as session:
        assert blobs.garbage(session).lost == (address,)
        with pytest.raises(TamperedError):
            blobs.get(session, address)


def put_and_fail(database: Database) -> None:
    with database.write() as session:
        blobs.put(session, DATA)
        raise ZeroDivisionError


def test_a_failed_transaction_leaves_only_a_file_that_is_listed_once_old(
    database: Database, data_dir: Path
) -> None:
    with pytest.raises(ZeroDivisionError):
        put_and_fail(database)
    with database.read() as session:
        assert blobs.garbage(session).files == ()
        (name,) = blobs.garbage(session, older_than_seconds=0).files
    assert (data_dir / "blobs" / name).exists()


def test_an_unknown_address_is_not_found(sqlite_database: Database) -> None:
    with sqlite_database.read() as session, pytest.raises(NotFoundError):
        blobs.get(session, "0" * 64)
