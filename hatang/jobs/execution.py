"""How a job's body runs, whatever the engine: mirrored, observed, its failures made replayable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from hatang.errors import Reason
from hatang.jobs import runs
from hatang.jobs.registry import (
    JobEngine,
    JobRegistry,
    JobState,
    Scalar,
    Scalars,
    StepFailedError,
    check_scalars,
)
from hatang.operations import Kind, classify, observe

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.db import Database
    from hatang.settings import Settings

Result = TypeVar("Result", bound="Scalar | Scalars")

_VALUE: Final = "value"
_ERROR: Final = "error"
_REASON: Final = "reason"


class StepRunner(Protocol):
    """What an engine does for a step: run it once, or answer from its record."""

    def __call__(self, name: str, function: Callable[[], dict[str, Any]], /) -> dict[str, Any]:
        """Return what `function` returns, or returned before the crash."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """What every job of a process works with."""

    db: Database
    settings: Settings
    registry: JobRegistry
    executor: str


class RunningJob:
    """The JobContext of one running job."""

    def __init__(
        self,
        key: str,
        name: str,
        actor: str,
        place: Workplace,
        *,
        engine: JobEngine,
        run_step: StepRunner,
    ) -> None:
        self.key = key
        self.name = name
        self.actor = actor
        self.db = place.db
        self.settings = place.settings
        self.engine = engine
        self._run_step = run_step

    def step(self, name: str, function: Callable[..., Result], *args: Scalar) -> Result:
        """Run a step, or answer from its record; see JobContext."""
        record = self._run_step(name, lambda: _attempt(name, function, args))
        if _ERROR in record:
            raise StepFailedError(name, record[_ERROR], Reason(record[_REASON]))
        value: Result = record[_VALUE]
        return value

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Tell how far the job is."""
        with self.db.write() as session:
            runs.mark_progress(session, self.key, done, total, message)

    def cancelled(self) -> bool:
        """True once somebody cancelled this job."""
        with self.db.read() as session:
            return runs.status(session, self.key).state is JobState.CANCELLED

    def child_key(self, name: str) -> str:
        """Return the key for a job this one enqueues."""
        return f"{self.key}/{name}"


def _attempt(
    name: str, function: Callable[..., Scalar | Scalars], args: tuple[Scalar, ...]
) -> dict[str, Any]:
    """Return what is recorded of a step: its value, or its failure as text without secrets.

    The engine would keep an exception as it is: with secrets in its message, and as another type
    after a replay than before it.
    """
    try:
        value = function(*args)
        if isinstance(value, str | int | float | bool) or value is None:
            return check_scalars({_VALUE: value}, f"step {name}")
        return {_VALUE: check_scalars(value, f"step {name}")}
    except Exception as error:  # noqa: BLE001 - whatever a step raises is recorded and raised anew
        return {_ERROR: runs.describe(error), _REASON: classify(error).value}


def execute(
    place: Workplace, key: str, engine: JobEngine, run_step: StepRunner
) -> dict[str, Scalar]:
    """Run the job with this key to its end and return its result.

    What ends it that is no Exception (a cancellation, a lost ownership) passes through: the
    engine knows which it was.
    """
    with place.db.write() as session:
        run = runs.mark_running(session, key, place.executor)
        if run is None:
            return {}
        name, actor, args = run.name, run.actor, dict(run.args)
    context = RunningJob(key, name, actor, place, engine=engine, run_step=run_step)
    try:
        spec = place.registry.get(name)
        with observe(Kind.JOB, name):
            result = check_scalars(spec.function(context, args) or {}, f"result of {name}")
    except Exception as error:
        with place.db.write() as session:
            runs.mark_failed(session, key, error)
        raise
    except BaseException:
        with place.db.write() as session:
            runs.mark_stopped(session, key, place.executor)
        raise
    with place.db.write() as session:
        runs.mark_succeeded(session, key, result)
    return result
