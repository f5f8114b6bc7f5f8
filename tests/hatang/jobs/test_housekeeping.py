from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from hatang import clock
from hatang.errors import NotFoundError
from hatang.jobs import JobContext, JobRegistry, JobSpec, JobState, Queue, Scalars, heartbeat, runs
from hatang.jobs.housekeeping import Housekeeper
from hatang.jobs.memory import MemoryEngine
from hatang.jobs.models import ExecutorHeartbeat
from hatang.metrics import REGISTRY

if TYPE_CHECKING:
    from hatang.db import Database
    from hatang.jobs.models import JobRun
    from hatang.settings import Settings

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def nothing(ctx: JobContext, args: Scalars) -> None:
    """Do nothing."""


SPEC = JobSpec("t.nothing", nothing, Queue.DEFAULT)


class Door:
    """Stands for the engine: remembers what it was asked to do."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.handed: list[str] = []
        self.dead: list[str] = []
        self.forgotten: list[str] = []

    def hand_over(self, requests: list[JobRun]) -> None:
        self.handed += [run.key for run in requests]
        with self.db.write() as session:
            runs.mark_queued(session, self.handed)

    def take_over(self, executors: list[str]) -> list[str]:
        self.dead += executors
        return ["stranded"] if executors else []

    def forget(self, keys: list[str]) -> None:
        self.forgotten += keys


def keeper(db: Database, settings: Settings) -> tuple[Housekeeper, Door]:
    door = Door(db)
    return Housekeeper(db, settings, door, "me"), door


def ask(db: Database, key: str) -> None:
    with db.write() as session:
        runs.insert(session, SPEC, {}, key=key, actor="lan", partition=None)


def test_requests_are_handed_over_once_and_counted(
    sqlite_database: Database, settings: Settings
) -> None:
    housekeeper, door = keeper(sqlite_database, settings)
    ask(sqlite_database, "a")
    housekeeper.hand_over()
    housekeeper.hand_over()
    assert door.handed == ["a"]
    assert REGISTRY.get_sample_value("hatang_jobs", {"state": "queued"}) == 1


def test_old_jobs_are_forgotten_and_open_ones_kept(
    sqlite_database: Database, settings: Settings, registry: JobRegistry
) -> None:
    registry.add(SPEC)
    housekeeper, door = keeper(sqlite_database, settings)
    with clock.frozen(NOW) as hand:
        engine = MemoryEngine(sqlite_database, settings, registry)
        engine.enqueue("t.nothing", {}, key="old")
        ask(sqlite_database, "open")
        hand.advance(timedelta(days=settings.jobs.keep_days, seconds=1).total_seconds())
        engine.enqueue("t.nothing", {}, key="new")
        housekeeper.prune()
    assert door.forgotten == ["old"]
    with pytest.raises(NotFoundError):
        engine.status("old")
    assert engine.status("open").state is JobState.REQUESTED
    assert engine.status("new").state is JobState.SUCCEEDED


def test_on_one_machine_nothing_is_taken_over(
    sqlite_database: Database, settings: Settings
) -> None:
    housekeeper, door = keeper(sqlite_database, settings)
    with clock.frozen(NOW - timedelta(days=1)), sqlite_database.write() as session:
        heartbeat.beat(session, "other")
    housekeeper.take_over()
    assert door.dead == []


@pytest.mark.postgresql
def test_only_silent_workers_lose_their_jobs_and_never_the_one_that_looks(
    postgres_database: Database, settings: Settings
) -> None:
    housekeeper, door = keeper(postgres_database, settings)
    with postgres_database.write() as session:
        for executor in ("me", "silent", "alive"):
            heartbeat.beat(session, executor)
        for row in session.query(ExecutorHeartbeat).filter_by(executor="alive"):
            row.seen_at += timedelta(hours=1)
        for executor in ("me", "silent"):
            session.get_one(ExecutorHeartbeat, executor).seen_at -= timedelta(hours=1)
    housekeeper.take_over()
    assert door.dead == ["silent"]


def test_a_worker_shows_that_it_lives(sqlite_database: Database, settings: Settings) -> None:
    housekeeper, _ = keeper(sqlite_database, settings)
    with clock.frozen(NOW) as hand:
        housekeeper.beat()
        with sqlite_database.read() as session:
            assert heartbeat.dead(session, 60) == []
        hand.advance(61)
        with sqlite_database.read() as session:
            assert heartbeat.dead(session, 60) == ["me"]


def test_a_cancelled_job_whose_worker_died_is_closed_at_the_next_launch(
    sqlite_database: Database,
) -> None:
    ask(sqlite_database, "a")
    with sqlite_database.write() as session:
        runs.mark_running(session, "a", "me")
        runs.cancel(session, "a")
        assert not runs.status(session, "a").ended
    with sqlite_database.write() as session:
        runs.end_orphans(session, "me")
        assert runs.status(session, "a").ended


def test_a_job_cancelled_on_its_way_to_the_queue_never_runs(sqlite_database: Database) -> None:
    ask(sqlite_database, "a")
    with sqlite_database.write() as session:
        assert runs.cancel(session, "a") == ["a"]
        runs.mark_queued(session, ["a"])
        assert runs.mark_running(session, "a", "me") is None
        assert runs.status(session, "a").state is JobState.CANCELLED
