"""The two kinds of session: reading never writes, and a write is whole or not at all."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from hatang.db import Database, WriteSession
from hatang.errors import UnavailableError
from hatang.jobs.models import JobLease
from hatang.scope import Scope

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgres import Cluster

COUNTER = "counter"
WRITERS = 4
ROUNDS = 20


def add_counter(database: Database) -> None:
    with database.write() as session:
        session.add(JobLease(resource=COUNTER, fence=0))


def counted(database: Database) -> int:
    with database.read() as session:
        return session.scalars(select(JobLease.fence)).one()


def raise_by_one(session: WriteSession) -> None:
    row = session.scalars(select(JobLease).with_for_update()).one()
    row.fence = row.fence + 1


def count_up(database: Database) -> None:
    for _ in range(ROUNDS):
        with database.write() as session:
            raise_by_one(session)


def count_up_in_a_process_of_its_own(url: str) -> None:
    database = Database.open(url)
    count_up(database)
    database.dispose()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE job_lease SET fence = 9", "DELETE FROM job_lease", "CREATE TABLE forbidden (x int)"],
)
def test_reading_refuses_to_write(database: Database, statement: str) -> None:
    add_counter(database)
    with database.read() as session, pytest.raises(DBAPIError):
        session.execute(text(statement))
    assert counted(database) == 0


def test_a_connection_that_read_writes_again(database: Database) -> None:
    add_counter(database)
    assert counted(database) == 0
    with database.write() as session:
        raise_by_one(session)
    assert counted(database) == 1


def test_a_write_that_fails_leaves_nothing(database: Database) -> None:
    add_counter(database)
    with pytest.raises(ZeroDivisionError), database.write() as session:  # noqa: PT012 - after a flush
        raise_by_one(session)
        session.add(Scope())
        session.flush()
        raise ZeroDivisionError
    assert counted(database) == 0
    with database.read() as session:
        assert session.scalars(select(Scope)).all() == []


def test_a_row_that_refers_to_nothing_is_refused_with_all_beside_it(database: Database) -> None:
    both = [JobLease(resource=COUNTER), Scope(parent_id=999)]
    with pytest.raises(IntegrityError), database.write() as session:
        session.add_all(both)
    with database.read() as session:
        assert session.scalars(select(JobLease)).all() == []


def test_a_read_sees_nothing_of_an_unfinished_write(database: Database) -> None:
    add_counter(database)
    with database.write() as session:
        session.execute(update(JobLease).values(fence=5))
        assert counted(database) == 0
    assert counted(database) == 5


def test_writers_lose_no_update(database: Database) -> None:
    add_counter(database)
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(count_up, [database] * WRITERS))
    assert counted(database) == WRITERS * ROUNDS


@pytest.mark.slow
def test_two_processes_on_one_file_lose_no_update(sqlite_database: Database) -> None:
    add_counter(sqlite_database)
    url = sqlite_database.engine.url.render_as_string(hide_password=False)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(count_up_in_a_process_of_its_own, [url, url]))
    assert counted(sqlite_database) == 2 * ROUNDS


def test_a_database_that_does_not_open_is_unavailable(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path / 'absent' / 'file.sqlite3'}")
    with pytest.raises(UnavailableError):
        database.ping()


@pytest.mark.postgresql
@pytest.mark.parametrize(("asked", "limit"), [("", "3"), ("-c join_collapse_limit=7", "7")])
def test_postgresql_joins_as_we_wrote_unless_the_url_says_otherwise(
    postgres_cluster: Cluster, asked: str, limit: str
) -> None:
    url = make_url(postgres_cluster.url("postgres"))
    url = url.update_query_dict({"options": asked} if asked else {})
    database = Database.open(url.render_as_string(hide_password=False))
    with database.read() as session:
        assert session.scalar(text("SHOW join_collapse_limit")) == limit
    database.dispose()
