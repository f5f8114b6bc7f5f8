from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatang.errors import ConflictError, DriverError, InvalidInputError, NotFoundError, Reason
from hatang.jobs import (
    JobContext,
    JobRegistry,
    JobState,
    Queue,
    Scalars,
    StepFailedError,
    job,
    runs,
)
from hatang.jobs.memory import CrashError, MemoryEngine
from hatang.jobs.models import JobRun
from hatang.metrics import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.db import Database
    from hatang.settings import Settings


class Bench:
    """A job of two steps on a workpiece that counts what was done to it."""

    def __init__(self, registry: JobRegistry) -> None:
        self.done: list[str] = []
        self.between: Callable[[JobContext], None] = lambda ctx: None
        job("t.work", registry=registry)(self.work)
        job("t.device", queue=Queue.DEVICE, registry=registry)(self.work)

    def work(self, ctx: JobContext, args: Scalars) -> Scalars:
        first = ctx.step("cut", self.act, "cut")
        ctx.progress(1, 2, "cut")
        self.between(ctx)
        second = ctx.step("drill", self.act, "drill")
        ctx.progress(2, 2, "drilled")
        return {"first": first, "second": second, "piece": args["piece"]}

    def act(self, what: str) -> str:
        self.done.append(what)
        return what.upper()


@pytest.fixture
def bench(registry: JobRegistry) -> Bench:
    return Bench(registry)


def test_a_job_runs_and_its_result_stands_in_its_status(engine: MemoryEngine, bench: Bench) -> None:
    engine.enqueue("t.work", {"piece": 7}, key="k", actor="lan")
    status = engine.wait("k", timeout=0)
    assert status.state is JobState.SUCCEEDED
    assert status.ended
    assert status.result == {"first": "CUT", "second": "DRILL", "piece": 7}
    assert (status.done, status.total, status.message) == (2, 2, "drilled")


def test_the_same_key_is_the_same_job(engine: MemoryEngine, bench: Bench) -> None:
    engine.enqueue("t.work", {"piece": 7}, key="k")
    engine.enqueue("t.work", {"piece": 8}, key="k")
    assert bench.done == ["cut", "drill"]
    with pytest.raises(ConflictError):
        engine.enqueue("t.device", {}, key="k", partition="core-1")


def test_after_a_crash_finished_steps_answer_from_their_record(
    engine: MemoryEngine, bench: Bench
) -> None:
    engine.crash_after = {"drill"}
    with pytest.raises(CrashError):
        engine.enqueue("t.work", {"piece": 7}, key="k")
    assert engine.status("k").state is JobState.RUNNING
    engine.resume("k")
    assert engine.status("k").state is JobState.SUCCEEDED
    assert bench.done == ["cut", "drill", "drill"]


def test_a_failed_step_keeps_its_reason_and_no_secret(engine: MemoryEngine, bench: Bench) -> None:
    def refuse(ctx: JobContext) -> None:
        ctx.step("push", fail)

    def fail() -> None:
        raise DriverError("password=hunter2 was refused", Reason.AUTH_FAILED)

    bench.between = refuse
    engine.enqueue("t.work", {"piece": 7}, key="k")
    status = engine.status("k")
    assert (status.state, status.reason) == (JobState.FAILED, Reason.AUTH_FAILED)
    assert "step push" in status.error
    assert "hunter2" not in status.error


def test_a_failed_step_fails_the_same_way_on_replay(engine: MemoryEngine, bench: Bench) -> None:
    calls: list[str] = []
    seen: list[Reason] = []

    def fail() -> None:
        calls.append("fail")
        raise TimeoutError("no answer")

    def tolerate(ctx: JobContext) -> None:
        try:
            ctx.step("push", fail)
        except StepFailedError as error:
            seen.append(error.reason)

    bench.between = tolerate
    engine.crash_after = {"drill"}
    with pytest.raises(CrashError):
        engine.enqueue("t.work", {"piece": 7}, key="k")
    engine.resume("k")
    assert calls == ["fail"]
    assert seen == [Reason.TIMEOUT, Reason.TIMEOUT]
    assert engine.status("k").state is JobState.SUCCEEDED


def test_a_step_may_not_record_more_than_identifiers(engine: MemoryEngine, bench: Bench) -> None:
    def read(ctx: JobContext) -> None:
        ctx.step("read", lambda: "configuration " * 100)

    bench.between = read
    engine.enqueue("t.work", {"piece": 7}, key="k")
    assert engine.status("k").reason == Reason.REJECTED


def test_cancelling_ends_the_job_at_its_next_step_and_its_children(
    engine: MemoryEngine, bench: Bench, sqlite_database: Database
) -> None:
    def enqueue_child_and_cancel(ctx: JobContext) -> None:
        with ctx.db.write() as session:
            spec = registered.get("t.device")
            key = ctx.child_key("core-1")
            runs.insert(session, spec, {}, key=key, actor=ctx.actor, partition="core-1")
        engine.cancel(ctx.key)
        assert ctx.cancelled()

    registered = engine._place.registry
    bench.between = enqueue_child_and_cancel
    engine.enqueue("t.work", {"piece": 7}, key="k")
    assert bench.done == ["cut"]
    assert engine.status("k").state is JobState.CANCELLED
    assert engine.status("k").ended
    assert engine.status("k/core-1").state is JobState.CANCELLED


def test_the_device_queue_wants_a_partition_and_others_none(
    engine: MemoryEngine, bench: Bench
) -> None:
    with pytest.raises(InvalidInputError, match="partition"):
        engine.enqueue("t.device", {}, key="k")
    with pytest.raises(InvalidInputError, match="partition"):
        engine.enqueue("t.work", {}, key="k", partition="core-1")
    with pytest.raises(NotFoundError):
        engine.status("k")


def test_a_request_commits_or_rolls_back_with_what_asked_for_it(
    engine: MemoryEngine, bench: Bench, sqlite_database: Database, registry: JobRegistry
) -> None:
    spec = registry.get("t.work")
    with sqlite_database.write() as session:
        runs.insert(session, spec, {"piece": 1}, key="lost", actor="lan", partition=None)
        session.rollback()
    with sqlite_database.write() as session:
        runs.insert(session, spec, {"piece": 2}, key="kept", actor="lan", partition=None)
    assert engine.run_requested() == 1
    assert engine.status("kept").result["piece"] == 2


def test_a_job_is_observed(engine: MemoryEngine, bench: Bench) -> None:
    labels = {"kind": "job", "name": "t.work", "reason": "ok"}
    before = REGISTRY.get_sample_value("hatang_operations_total", labels) or 0
    engine.enqueue("t.work", {"piece": 7}, key="k")
    assert REGISTRY.get_sample_value("hatang_operations_total", labels) == before + 1


def test_every_attempt_is_counted(
    engine: MemoryEngine, bench: Bench, sqlite_database: Database
) -> None:
    engine.crash_after = {"cut"}
    with pytest.raises(CrashError):
        engine.enqueue("t.work", {"piece": 7}, key="k")
    engine.resume("k")
    with sqlite_database.read() as session:
        run = session.get_one(JobRun, "k")
        assert (run.attempts, run.executor) == (2, "memory")


def test_jobs_can_be_held_back(
    sqlite_database: Database, settings: Settings, registry: JobRegistry, bench: Bench
) -> None:
    held = MemoryEngine(sqlite_database, settings, registry, run_at_once=False)
    held.enqueue("t.work", {"piece": 7}, key="k")
    assert held.status("k").state is JobState.QUEUED
    held.cancel("k")
    held.resume("k")
    assert bench.done == []
