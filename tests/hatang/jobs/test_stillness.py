from __future__ import annotations

import inspect
import sqlite3
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from dbos import _queue, _sys_db

from hatang.jobs import dbos_engine
from hatang.jobs.stillness import QuietQueues, Stillness, Unchanged

if TYPE_CHECKING:
    from pathlib import Path


class Queued:
    """A file as the engine keeps it, written by somebody else."""

    def __init__(self, file: Path) -> None:
        self.file = str(file)
        self._writer = sqlite3.connect(file, isolation_level=None)
        self._writer.execute("PRAGMA journal_mode=WAL")
        self._writer.execute("CREATE TABLE workflow_status (queue_name TEXT, status TEXT)")

    def put(self, queue: str, status: str = "ENQUEUED") -> None:
        self._writer.execute("INSERT INTO workflow_status VALUES (?, ?)", (queue, status))

    def take(self) -> None:
        self._writer.execute("UPDATE workflow_status SET status = 'PENDING'")


@pytest.fixture
def queued(tmp_path: Path) -> Queued:
    return Queued(tmp_path / "jobs.sqlite3")


def test_a_queue_is_quiet_until_something_waits_on_it(queued: Queued) -> None:
    queues = QuietQueues(Stillness(queued.file))
    before = queues.is_quiet("device"), queues.is_quiet("device")
    queued.put("device")
    assert (before, queues.is_quiet("device")) == ((True, True), False)


def test_a_queue_on_which_something_still_waits_is_never_quiet(queued: Queued) -> None:
    queues = QuietQueues(Stillness(queued.file))
    queued.put("device")
    assert [queues.is_quiet("device") for _ in range(3)] == [False] * 3


def test_a_queue_is_quiet_again_once_all_was_taken(queued: Queued) -> None:
    queues = QuietQueues(Stillness(queued.file))
    queued.put("device")
    queues.is_quiet("device")
    queued.take()
    assert queues.is_quiet("device")


def test_what_waits_on_another_queue_leaves_this_one_quiet(queued: Queued) -> None:
    queues = QuietQueues(Stillness(queued.file))
    queued.put("notify")
    assert queues.is_quiet("device")


def test_what_one_thread_saw_tells_another_nothing(queued: Queued) -> None:
    queues = QuietQueues(Stillness(queued.file))
    assert queues.is_quiet("device")
    queued.put("device")
    seen: list[bool] = []
    thread = threading.Thread(target=lambda: seen.append(queues.is_quiet("device")))
    thread.start()
    thread.join()
    assert seen == [False]


def test_a_duty_is_left_out_while_nothing_was_written(queued: Queued) -> None:
    done: list[int] = []
    unchanged = Unchanged(Stillness(queued.file))
    for _ in range(3):
        unchanged.do(lambda: done.append(1))
    queued.put("device")
    unchanged.do(lambda: done.append(2))
    assert done == [1, 2]


def test_what_is_written_while_a_duty_runs_brings_it_back(queued: Queued) -> None:
    done: list[int] = []
    unchanged = Unchanged(Stillness(queued.file))

    def duty() -> None:
        done.append(1)
        if len(done) == 1:
            queued.put("device")

    for _ in range(3):
        unchanged.do(duty)
    assert done == [1, 1]


def test_a_duty_that_failed_is_done_again(queued: Queued) -> None:
    done: list[int] = []
    unchanged = Unchanged(Stillness(queued.file))
    with pytest.raises(ZeroDivisionError):
        unchanged.do(lambda: done.append(1 // 0))
    unchanged.do(lambda: done.append(1))
    assert done == [1]


def _engine(queued: Queued, asked: list[str]) -> Any:
    def scopes(name: str) -> list[str | None]:
        asked.append(f"scopes {name}")
        return [None]

    def get_queue(name: str, **_named: object) -> str:
        asked.append(f"reload {name}")
        return name

    records = SimpleNamespace(dequeue_scopes=scopes, get_queue=get_queue)
    engine: Any = SimpleNamespace(_sys_db=records)
    dbos_engine._pass_by_quiet_queues(engine, f"sqlite:///{queued.file}")
    return records


def test_a_poll_asks_the_engine_only_for_a_queue_on_which_something_waits(queued: Queued) -> None:
    asked: list[str] = []
    records = _engine(queued, asked)
    records.get_queue("device")
    asked.clear()
    assert (records.get_queue("device"), records.dequeue_scopes("device")) == ("device", [])
    queued.put("device")
    assert (records.get_queue("device"), records.dequeue_scopes("device")) == ("device", [None])
    assert asked == ["reload device", "scopes device"]


@pytest.mark.parametrize("name", ["dequeue_scopes", "get_queue"])
def test_the_engine_polls_through_what_is_passed_by(name: str) -> None:
    assert hasattr(_sys_db.SystemDatabase, name)
    assert f"_sys_db.{name}(queue.name)" in inspect.getsource(_queue.queue_worker_thread)
