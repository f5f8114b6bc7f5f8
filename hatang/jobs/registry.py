"""What a job is: a named function of identifiers, and the context it works in.

Arguments and results stand in the job database in the clear and for as long as jobs are kept, so
they are identifiers and hashes only: JSON scalars, texts of at most 200 characters. Anything
bigger or secret goes to the records, blobs or secrets, and its id travels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, TypeVar

from hatang.errors import (
    ConflictError,
    HatangError,
    InvalidInputError,
    NotFoundError,
    Problem,
    Reason,
)

if TYPE_CHECKING:
    from hatang.db import Database
    from hatang.settings import Settings

MAX_TEXT: Final = 200
MAX_ARGUMENTS: Final = 40

Scalar: TypeAlias = str | int | float | bool | None
Scalars: TypeAlias = Mapping[str, Scalar]
Result = TypeVar("Result", bound="Scalar | Scalars")


class Queue(StrEnum):
    """The closed set of queues: each one polls the database, so there are few.

    DEVICE runs one job at a time per partition (the key of what is being changed), across all
    workers, and stays held while its owner is dead: the safe side. SCAN is for jobs that a server
    works at for up to twenty minutes: on BULK two of them would hold up all that is due meanwhile.
    """

    DEFAULT = "default"
    DEVICE = "device"
    BULK = "bulk"
    NOTIFY = "notify"
    SCAN = "scan"


class JobState(StrEnum):
    """Where a job stands."""

    REQUESTED = "requested"  # in the records, not yet handed to the engine
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def finished(self) -> bool:
        """True when the job will not move again by itself."""
        return self in {JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED}


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job as people and programs see it; `reason` is a hatang.errors.Reason once it ended.

    A cancelled job is `ended` only when its last running step is over.
    """

    key: str
    name: str
    state: JobState
    done: int = 0
    total: int | None = None
    message: str = ""
    result: Scalars = field(default_factory=dict)
    error: str = ""
    reason: str = ""
    ended: bool = False


class StepFailedError(HatangError):
    """A step raised; `reason` says why, the message is what was recorded (without secrets)."""

    code = "step_failed"

    def __init__(self, step: str, message: str, reason: Reason) -> None:
        super().__init__(f"step {step} failed: {message}")
        self.step = step
        self.reason = reason


class JobContext(Protocol):
    """What a running job may use.

    A job body must be deterministic outside its steps: after a crash it runs again from the top
    and finished steps answer from their record. A step that acts on the outside reconciles
    first (reads, compares, then acts), because a step in flight at the crash runs again.
    """

    @property
    def key(self) -> str:
        """The job's idempotency key."""

    @property
    def name(self) -> str:
        """The job's registered name."""

    @property
    def actor(self) -> str:
        """The name of who asked for the job."""

    @property
    def db(self) -> Database:
        """The records."""

    @property
    def settings(self) -> Settings:
        """The settings of the process."""

    @property
    def engine(self) -> JobEngine:
        """Enqueue other jobs; give them keys derived from this job's, so a replay finds them."""

    def step(self, name: str, function: Callable[..., Result], *args: Scalar) -> Result:
        """Run `function(*args)` and record what it returns: after a crash the record answers.

        When somebody cancelled the job this ends it instead, with an exception that
        `except Exception` does not catch.

        Raises:
            StepFailedError: the function raised; the same on every replay, so handle it freely.
        """

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Tell how far the job is; counts are of whatever the job counts."""

    def cancelled(self) -> bool:
        """True once somebody cancelled this job."""

    def child_key(self, name: str) -> str:
        """Return the key for a job this one enqueues; cancelling this one cancels it too."""


class JobEngine(Protocol):
    """Puts durable jobs to work; what api, schedules and jobs themselves hold."""

    def enqueue(
        self,
        name: str,
        args: Scalars,
        *,
        key: str,
        actor: str = "system",
        queue: Queue | None = None,
        partition: str | None = None,
    ) -> str:
        """Queue job `name` and return its key; the same key again is the same job, not a second.

        `queue` is the job's own unless given; Queue.DEVICE needs a `partition`. It writes in a
        transaction of its own, so inside an open write session use `hatang.jobs.request` instead:
        on SQLite this would wait for that very session.

        Raises:
            NotFoundError: no job is registered under `name`.
            InvalidInputError: an argument is no small JSON scalar, or the partition is missing.
            ConflictError: the key belongs to a job of another name.
        """

    def status(self, key: str) -> JobStatus:
        """Return where the job stands; NotFoundError when there is none."""

    def wait(self, key: str, timeout: float) -> JobStatus:
        """Return the job's status once it ended, or as it is after `timeout` seconds."""

    def cancel(self, key: str) -> None:
        """Ask the job to stop; a running step ends first. Ended jobs stay as they are."""


JobFunction: TypeAlias = Callable[[JobContext, Scalars], "Scalars | None"]


@dataclass(frozen=True, slots=True)
class JobSpec:
    """A registered job; `cron` (six fields, seconds first) makes it a schedule."""

    name: str
    function: JobFunction
    queue: Queue
    cron: str | None = None


class JobRegistry:
    """All jobs this process knows, by name."""

    def __init__(self) -> None:
        self._specs: dict[str, JobSpec] = {}

    def add(self, spec: JobSpec) -> None:
        """Register `spec`; ConflictError when its name is taken by another function."""
        known = self._specs.get(spec.name)
        if known is not None and known.function is not spec.function:
            raise ConflictError(f"two jobs are called {spec.name}", fix="Rename one of them.")
        self._specs[spec.name] = spec

    def get(self, name: str) -> JobSpec:
        """Return the job called `name`; NotFoundError when there is none."""
        try:
            return self._specs[name]
        except KeyError:
            raise NotFoundError(
                f"no job is called {name}", fix="Import the package that declares it."
            ) from None

    def routed(self, name: str, queue: Queue | None) -> JobSpec:
        """Return the job called `name`, on `queue` instead of its own if one is given."""
        spec = self.get(name)
        return spec if queue is None else replace(spec, queue=queue)

    def all(self) -> tuple[JobSpec, ...]:
        """Return all jobs, by name."""
        return tuple(self._specs[name] for name in sorted(self._specs))


JOBS: Final = JobRegistry()


def job(
    name: str,
    *,
    queue: Queue = Queue.DEFAULT,
    cron: str | None = None,
    registry: JobRegistry = JOBS,
) -> Callable[[JobFunction], JobFunction]:
    """Register the decorated function as job `name` (`package.verb`).

    `cron` runs it by itself: six fields, seconds first, in the settings' time zone, exactly once
    a tick however many workers there are.
    """

    def register(function: JobFunction) -> JobFunction:
        registry.add(JobSpec(name, function, queue, cron))
        return function

    return register


def check_scalars(values: object, where: str) -> dict[str, Scalar]:
    """Return `values` if it may stand in the job database; InvalidInputError names what may not."""
    if not isinstance(values, Mapping):
        raise InvalidInputError([_problem(where, "", values, "is no mapping")])
    problems = [
        _problem(where, str(key), value, message)
        for key, value in values.items()
        if (message := _complaint(key, value))
    ]
    if len(values) > MAX_ARGUMENTS:
        problems.append(_problem(where, "", len(values), f"are more than {MAX_ARGUMENTS} values"))
    if problems:
        raise InvalidInputError(problems)
    return dict(values)


def _complaint(key: object, value: object) -> str:
    if not isinstance(key, str) or not key:
        return "has a key that is no text"
    if isinstance(value, str) and len(value) > MAX_TEXT:
        return f"is longer than {MAX_TEXT} characters"
    if isinstance(value, float) and not math.isfinite(value):
        return "is no finite number"
    if value is not None and not isinstance(value, str | int | float | bool):
        return f"is a {type(value).__name__}"
    return ""


def _problem(where: str, key: str, value: object, message: str) -> Problem:
    # The value itself is not shown: what is too long is too often a secret.
    return Problem(
        where=where,
        field=key,
        value=type(value).__name__,
        message=message,
        fix="Store it as a record or blob and pass its id or hash.",
    )
