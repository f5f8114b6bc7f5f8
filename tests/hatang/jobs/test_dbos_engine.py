from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from hatang.errors import SettingsError
from hatang.jobs import JobState, Queue, Scalars, runs
from hatang.jobs.dbos_engine import DbosClient, migrate
from hatang.jobs.heartbeat import IdClaim
from tests.hatang.jobs.workshop import REGISTRY, lines, settings_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hatang.db import Database
    from tests.postgres import Cluster

pytestmark = pytest.mark.slow


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


class Workshop:
    """A data directory, a client as the api holds one, and worker processes to start and kill."""

    def __init__(self, data_dir: Path, database: Database, urls: list[str]) -> None:
        self.folder = data_dir
        self.urls = urls
        settings = settings_for(data_dir, urls)
        migrate(settings)
        self.database = database
        self.client = DbosClient(database, settings, REGISTRY)

    @contextmanager
    def worker(self, executor: str = "") -> Iterator[subprocess.Popen[bytes]]:
        before = len(lines(self.folder, "launched"))
        argv = [sys.executable, "-m", "tests.hatang.jobs.workshop", str(self.folder), *self.urls]
        process = subprocess.Popen([*argv, executor] if executor else argv)
        try:
            until(
                lambda: process.poll() is not None or len(lines(self.folder, "launched")) > before
            )
            yield process
        finally:
            process.kill()
            process.wait()

    def until_changed(self, count: int) -> None:
        until(lambda: len(lines(self.folder, "device")) >= count)

    def batch(self, count: int, key: str = "batch") -> None:
        self.client.enqueue("t.batch", {"folder": str(self.folder), "count": count}, key=key)


@pytest.fixture
def workshop(sqlite_database: Database, data_dir: Path) -> Iterator[Workshop]:
    shop = Workshop(data_dir, sqlite_database, [])
    yield shop
    shop.client.close()


def test_the_api_enqueues_before_any_worker_ever_ran(workshop: Workshop) -> None:
    workshop.batch(3)
    assert workshop.client.status("batch").state is JobState.QUEUED
    with workshop.worker():
        status = workshop.client.wait("batch", timeout=30)
    assert status.state is JobState.SUCCEEDED
    assert (status.done, status.total, status.result) == (3, 3, {"changed": 3})


def test_three_kills_mid_job_change_every_device_exactly_once(workshop: Workshop) -> None:
    count = 40
    workshop.batch(count)
    for number in (8, 18, 28):
        with workshop.worker() as process:
            workshop.until_changed(number)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
    with workshop.worker():
        assert workshop.client.wait("batch", timeout=30).state is JobState.SUCCEEDED
    assert lines(workshop.folder, "device") == [str(number) for number in range(count)]
    repeated = len(lines(workshop.folder, "attempts")) - count
    assert repeated <= 3, "only the step in flight at a kill may run again"


def test_two_jobs_never_hold_one_device_together(workshop: Workshop) -> None:
    args: Scalars = {"folder": str(workshop.folder), "seconds": 0.5}
    for number in range(3):
        workshop.client.enqueue("t.slow", args, key=f"slow-{number}", partition="core-1")
    with workshop.worker():
        for number in range(3):
            assert workshop.client.wait(f"slow-{number}", timeout=30).ended
    held = lines(workshop.folder, "held")
    assert len(held) == 6
    for start, end in zip(held[::2], held[1::2], strict=True):
        assert start.replace("start", "end") == end


def test_a_request_in_a_transaction_is_picked_up(workshop: Workshop) -> None:
    with workshop.worker():
        with workshop.database.write() as session:
            args: Scalars = {"folder": str(workshop.folder), "count": 1}
            spec = REGISTRY.get("t.batch")
            runs.insert(session, spec, args, key="asked", actor="lan", partition=None)
        assert workshop.client.wait("asked", timeout=30).state is JobState.SUCCEEDED


def test_a_job_asked_for_while_the_job_database_is_away_runs_later(
    sqlite_database: Database, data_dir: Path
) -> None:
    settings = settings_for(data_dir, [])
    early = DbosClient(sqlite_database, settings, REGISTRY)  # nobody made the job database yet
    early.enqueue("t.batch", {"folder": str(data_dir), "count": 1}, key="early")
    assert early.status("early").state is JobState.REQUESTED
    early.close()
    shop = Workshop(data_dir, sqlite_database, [])
    with shop.worker():
        assert shop.client.wait("early", timeout=30).state is JobState.SUCCEEDED
    shop.client.close()


def test_sigterm_lets_the_running_step_finish(workshop: Workshop) -> None:
    args: Scalars = {"folder": str(workshop.folder), "seconds": 1}
    workshop.client.enqueue("t.slow", args, key="slow", partition="core-1")
    with workshop.worker() as process:
        until(lambda: lines(workshop.folder, "held") == ["start slow"])
        process.terminate()
        assert process.wait(timeout=20) == 0
    assert lines(workshop.folder, "held") == ["start slow", "end slow"]
    assert workshop.client.status("slow").state is JobState.SUCCEEDED


def test_a_second_worker_with_the_same_id_is_refused(workshop: Workshop) -> None:
    with workshop.worker(), workshop.worker() as second:
        assert second.wait(timeout=20) != 0
    assert len(lines(workshop.folder, "launched")) == 1


def test_cancelling_stops_at_the_next_step(workshop: Workshop) -> None:
    workshop.batch(2_000)
    with workshop.worker():
        workshop.until_changed(3)
        workshop.client.cancel("batch")
        status = workshop.client.wait("batch", timeout=20)
    assert (status.state, status.ended) == (JobState.CANCELLED, True)
    assert len(lines(workshop.folder, "device")) < 2_000


def test_no_secret_of_a_failure_reaches_the_job_database(workshop: Workshop) -> None:
    workshop.client.enqueue("t.secret", {}, key="secret")
    with workshop.worker() as process:
        status = workshop.client.wait("secret", timeout=30)
        process.terminate()
        process.wait(timeout=20)
    assert status.state is JobState.FAILED
    assert "[redacted]" in status.error
    for file in workshop.folder.glob("*.sqlite3*"):
        assert b"Canary-7f3a" not in file.read_bytes()


def test_the_job_database_writes_ahead_and_keeps_no_pickle(workshop: Workshop) -> None:
    workshop.batch(1)
    with workshop.worker():
        workshop.client.wait("batch", timeout=30)
        assert (workshop.folder / "jobs.sqlite3-wal").exists()
    assert set(Queue) == {"default", "device", "bulk", "notify", "scan"}


def test_a_schedule_runs_once_a_tick(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HATANG_TEST_TICK", "1")
    with workshop.worker():
        until(lambda: len(lines(workshop.folder, "ticks")) >= 2)
    ticks = lines(workshop.folder, "ticks")
    assert len(set(ticks)) == len(ticks)


@pytest.fixture
def two_machines(
    postgres_database: Database, postgres_cluster: Cluster, data_dir: Path
) -> Iterator[Workshop]:
    postgres_cluster.execute("CREATE DATABASE jobs")
    url = postgres_database.engine.url.render_as_string(hide_password=False)
    shop = Workshop(data_dir, postgres_database, [url, postgres_cluster.url("jobs")])
    yield shop
    shop.client.close()
    postgres_cluster.execute("DROP DATABASE jobs WITH (FORCE)")


@pytest.mark.postgresql
def test_a_living_worker_takes_over_the_jobs_of_a_dead_one(two_machines: Workshop) -> None:
    count = 60
    with two_machines.worker("machine-a") as first:
        two_machines.batch(count)
        two_machines.until_changed(5)
        os.kill(first.pid, signal.SIGKILL)
    with two_machines.worker("machine-b"):
        status = two_machines.client.wait("batch", timeout=40)
    assert status.state is JobState.SUCCEEDED
    assert lines(two_machines.folder, "device") == [str(number) for number in range(count)]


@pytest.mark.postgresql
def test_two_machines_never_work_under_one_id(two_machines: Workshop, tmp_path: Path) -> None:
    with two_machines.worker("machine-a"):
        with pytest.raises(SettingsError, match="machine-a"):
            IdClaim(two_machines.database, "machine-a")
        IdClaim(two_machines.database, "machine-b").close()
