"""A change that somebody cancels comes to an end, and so does one whose job was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alerts.maintenance import covered
from hatang import clock
from hatang.errors import ConflictError, DeniedError
from hatang.jobs import runs
from hatang.jobs.memory import MemoryEngine
from hatang.settings import Settings
from playbooks import changes
from playbooks.changes.sweeping import sweep
from playbooks.choices import ChangeState, TargetState
from playbooks.models import ChangeTarget
from tests.playbooks.changes.planned import person, planned
from tests.playbooks.changes.test_jobs import JOB, Stage, hand, stage

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.auth import Actor

pytestmark = pytest.mark.slow

__all__ = ["hand", "stage"]


@pytest.fixture
def engine(stage: Stage, tmp_path: Path) -> MemoryEngine:
    settings = Settings(data_dir=tmp_path)
    return MemoryEngine(stage.database, settings, run_at_once=False)


def cancel(stage: Stage, actor: Actor) -> list[str]:
    with stage.database.write() as session:
        return changes.cancel(session, actor, stage.number)


def swept(stage: Stage) -> int:
    with stage.database.write() as session:
        return sweep(session)


def leave_open(stage: Stage, state: TargetState) -> None:
    with stage.database.write() as session:
        session.get_one(ChangeTarget, stage.target.id).state = state


@pytest.fixture
def waiting(stage: Stage, engineer: Actor) -> Stage:
    """A change that was started and whose push waits for its turn."""
    stage.execute(engineer)
    return stage


def test_a_push_that_waits_is_cancelled_with_its_change(waiting: Stage, engineer: Actor) -> None:
    assert cancel(waiting, engineer) == [JOB]
    assert (waiting.target.state, waiting.state) == (TargetState.CANCELLED, ChangeState.CANCELLED)
    with waiting.database.read() as session:
        assert covered(session, clock.now()) == frozenset()


def test_a_worker_that_starts_again_pushes_nothing_that_was_cancelled(
    waiting: Stage, engineer: Actor, engine: MemoryEngine
) -> None:
    with waiting.database.write() as session:
        runs.mark_queued(session, [JOB])
    cancel(waiting, engineer)
    engine.resume(JOB)
    assert waiting.push() == TargetState.CANCELLED
    assert waiting.router.journal == []


@pytest.mark.parametrize("queued", [True, False])
def test_a_job_cancelled_by_itself_ends_its_change_at_the_next_sweep(
    waiting: Stage, engine: MemoryEngine, *, queued: bool
) -> None:
    if queued:
        with waiting.database.write() as session:
            runs.mark_queued(session, [JOB])
    engine.cancel(JOB)
    assert swept(waiting) == 1
    assert (waiting.target.state, waiting.state) == (TargetState.CANCELLED, ChangeState.CANCELLED)
    assert swept(waiting) == 0


def test_a_push_that_only_waits_is_left_alone_by_the_sweep(waiting: Stage) -> None:
    assert swept(waiting) == 0
    assert waiting.target.state == TargetState.PLANNED


def test_a_push_that_has_begun_goes_on_to_its_end(waiting: Stage, engineer: Actor) -> None:
    leave_open(waiting, TargetState.APPLYING)
    assert cancel(waiting, engineer) == []
    assert waiting.state == ChangeState.RUNNING
    assert waiting.push() == TargetState.CONFIRMED
    assert waiting.state == ChangeState.DONE


def test_a_device_begun_by_a_job_that_was_lost_is_looked_at_again(
    waiting: Stage, engine: MemoryEngine
) -> None:
    leave_open(waiting, TargetState.APPLYING)
    waiting.router.candidate = "hostname new"
    waiting.router.call("commit_config", revert_in=120)
    waiting.hold(JOB)
    engine.cancel(JOB)
    assert swept(waiting) == 1
    assert swept(waiting) == 0, "the new job has not had its turn"
    engine.run_requested()
    assert waiting.router.journal == ["change", "confirm"]
    assert (waiting.target.state, waiting.state) == (TargetState.CONFIRMED, ChangeState.DONE)


def test_a_device_whose_jobs_are_lost_again_and_again_is_left_to_a_person(
    waiting: Stage, engine: MemoryEngine
) -> None:
    leave_open(waiting, TargetState.APPLYING)
    for key in (JOB, *(f"{JOB}/again-{number}" for number in (1, 2, 3))):
        engine.cancel(key)
        assert swept(waiting) == 1
    assert (waiting.target.state, waiting.state) == (TargetState.UNKNOWN, ChangeState.FAILED)


def test_a_change_that_nobody_started_is_cancelled_whole(stage: Stage, engineer: Actor) -> None:
    assert cancel(stage, engineer) == []
    assert (stage.target.state, stage.state) == (TargetState.CANCELLED, ChangeState.CANCELLED)
    with pytest.raises(ConflictError):
        stage.execute(engineer)


def test_a_rejected_change_leaves_no_device_planned(
    stage: Stage, engineer: Actor, approver: Actor
) -> None:
    number = planned(stage.database, engineer, stage.access)
    with stage.database.write() as session:
        changes.submit(session, engineer, number)
        digest = changes.get_change(session, engineer, number).change.plan_sha256 or ""
        changes.decide(session, approver, number, digest, approve=False)
    with stage.database.read() as session:
        found = changes.get_change(session, engineer, number)
    assert found.change.state == ChangeState.CANCELLED
    assert {target.state for target in found.targets} == {TargetState.CANCELLED}


def test_a_change_that_has_ended_is_not_cancelled(waiting: Stage, engineer: Actor) -> None:
    waiting.push()
    with pytest.raises(ConflictError):
        cancel(waiting, engineer)


def test_who_only_sees_a_device_cancels_nothing_on_it(waiting: Stage) -> None:
    with pytest.raises(DeniedError):
        cancel(waiting, person(9, viewer=None))
