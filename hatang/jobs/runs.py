"""The rows about jobs in our records: the request, where it stands, and how it ended.

A request is a row in the caller's transaction, so a change and its job commit together; a row
that was never handed to the engine is handed over by the worker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, or_, select, update

from hatang import clock, log
from hatang.errors import ConflictError, InvalidInputError, NotFoundError, Problem, Reason
from hatang.jobs.models import JobRun
from hatang.jobs.registry import (
    JOBS,
    JobSpec,
    JobState,
    JobStatus,
    Queue,
    Scalars,
    check_scalars,
)
from hatang.operations import classify

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from hatang.db import AnySession, WriteSession

MAX_KEY: Final = 200
_ERROR_CHARACTERS: Final = 1_000
_MESSAGE_CHARACTERS: Final = 500
_OPEN: Final = (JobState.REQUESTED, JobState.QUEUED, JobState.RUNNING)
_WAITING: Final = (JobState.REQUESTED, JobState.QUEUED)


def request(
    session: WriteSession,
    name: str,
    args: Scalars,
    *,
    key: str,
    actor: str = "system",
    partition: str | None = None,
) -> JobRun:
    """Ask for job `name` in the caller's transaction; see JobEngine.enqueue for the rest.

    The worker picks it up within `jobs.poll_seconds` of the commit.
    """
    return insert(session, JOBS.get(name), args, key=key, actor=actor, partition=partition)


def insert(
    session: WriteSession,
    spec: JobSpec,
    args: Scalars,
    *,
    key: str,
    actor: str,
    partition: str | None,
) -> JobRun:
    """Write the request for `spec`, or return the one that has this key already."""
    _check_route(key, spec.queue, partition)
    values = check_scalars(args, f"job {spec.name}")
    known = session.get(JobRun, key)
    if known is not None:
        if known.name != spec.name:
            raise ConflictError(f"the key {key} belongs to the job {known.name}")
        return known
    run = JobRun(
        key=key,
        name=spec.name,
        queue=spec.queue,
        partition=partition,
        actor=actor,
        args=values,
        state=JobState.REQUESTED,
        created_at=clock.now(),
    )
    session.add(run)
    session.flush()
    return run


def _check_route(key: str, queue: Queue, partition: str | None) -> None:
    problems = []
    if not key.strip() or len(key) > MAX_KEY:
        fix = f"Give 1 to {MAX_KEY} characters."
        problems.append(Problem("job", "key", key[:60], "is empty or too long", fix))
    if (queue is Queue.DEVICE) != bool(partition):
        fix = "Name what is changed, for jobs of the device queue and only for those."
        problems.append(Problem("job", "partition", partition or "", f"on queue {queue}", fix))
    if problems:
        raise InvalidInputError(problems)


def requested(session: AnySession, limit: int = 100) -> list[JobRun]:
    """Return the oldest requests nobody handed to the engine yet."""
    query = select(JobRun).where(JobRun.state == JobState.REQUESTED)
    return list(session.scalars(query.order_by(JobRun.created_at, JobRun.key).limit(limit)))


def underway(session: AnySession, name: str, args: Scalars | None = None) -> str | None:
    """Return the key of a job of this name that is not over, the oldest; None if there is none.

    `args` are arguments it has, maybe among others.
    """
    query = select(JobRun.key, JobRun.args).where(JobRun.name == name, JobRun.state.in_(_OPEN))
    found = session.execute(query.order_by(JobRun.created_at, JobRun.key))
    wanted = (args or {}).items()
    return next((key for key, given in found if wanted <= given.items()), None)


def mark_queued(session: WriteSession, keys: list[str]) -> None:
    """Note that the engine has these requests."""
    here = JobRun.key.in_(keys), JobRun.state == JobState.REQUESTED
    session.execute(update(JobRun).where(*here).values(state=JobState.QUEUED))


def mark_running(session: WriteSession, key: str, executor: str) -> JobRun | None:
    """Note that `executor` (again) works on the job; return its row, None if nothing is left to do.

    That is so when it was cancelled on its way to the queue, or when the worker died after the
    job had ended but before the engine knew.
    """
    run = session.get(JobRun, key)
    if run is None or run.finished_at is not None:
        return None
    if run.state in _WAITING:
        run.state = JobState.RUNNING
    run.executor = executor
    run.attempts += 1
    run.started_at = run.started_at or clock.now()
    return run


def mark_progress(
    session: WriteSession, key: str, done: int, total: int | None, message: str
) -> None:
    """Note how far the job is."""
    values = {"done": done, "total": total, "message": message[:_MESSAGE_CHARACTERS]}
    session.execute(update(JobRun).where(JobRun.key == key).values(**values))


def mark_succeeded(session: WriteSession, key: str, result: Scalars) -> None:
    """Note the result, unless the job was cancelled meanwhile."""
    _end(session, key, JobState.SUCCEEDED, Reason.OK, result=dict(result))


def mark_failed(session: WriteSession, key: str, error: BaseException) -> None:
    """Note why the job failed, without secrets."""
    _end(session, key, JobState.FAILED, classify(error), error=describe(error))


def mark_stopped(session: WriteSession, key: str, executor: str) -> None:
    """Note that the body is over on `executor` if the job was cancelled; not if it was taken."""
    run = session.get(JobRun, key)
    if run is not None and run.state == JobState.CANCELLED and run.executor == executor:
        run.finished_at = run.finished_at or clock.now()


def _end(
    session: WriteSession,
    key: str,
    state: JobState,
    reason: Reason,
    *,
    result: dict[str, object] | None = None,
    error: str = "",
) -> None:
    run = session.get(JobRun, key)
    if run is None or run.finished_at is not None:
        return
    run.finished_at = clock.now()
    if run.state != JobState.CANCELLED:
        run.state, run.reason, run.error, run.result = state, reason, error, result or {}


def describe(error: BaseException) -> str:
    """Return an error as it may be kept: its kind and message, shortened, secrets masked."""
    return log.redact(f"{type(error).__name__}: {error}")[:_ERROR_CHARACTERS]


def cancel(session: WriteSession, key: str) -> list[str]:
    """Cancel the job and those it enqueued; return the keys the engine must be told of.

    Raises:
        NotFoundError: there is no such job.
    """
    if session.get(JobRun, key) is None:
        raise NotFoundError(f"there is no job {key}")
    children = JobRun.key.startswith(f"{key}/", autoescape=True)
    query = select(JobRun).where(or_(JobRun.key == key, children), JobRun.state.in_(_OPEN))
    runs = list(session.scalars(query))
    for run in runs:
        if run.state in _WAITING:
            run.finished_at = clock.now()
        run.state, run.reason = JobState.CANCELLED, Reason.CANCELLED
    return [run.key for run in runs]


def end_orphans(session: WriteSession, executor: str) -> None:
    """Close cancelled jobs whose body died with an earlier process of `executor`."""
    orphaned = (
        JobRun.state == JobState.CANCELLED,
        JobRun.finished_at.is_(None),
        JobRun.executor == executor,
    )
    session.execute(update(JobRun).where(*orphaned).values(finished_at=clock.now()))


def status(session: AnySession, key: str) -> JobStatus:
    """Return where the job stands; NotFoundError when there is none."""
    run = session.get(JobRun, key)
    if run is None:
        raise NotFoundError(f"there is no job {key}")
    return JobStatus(
        key=run.key,
        name=run.name,
        state=JobState(run.state),
        done=run.done,
        total=run.total,
        message=run.message,
        result=run.result,
        error=run.error,
        reason=run.reason,
        ended=run.finished_at is not None,
    )


def counts(session: AnySession) -> dict[JobState, int]:
    """Return how many jobs stand in each open state."""
    query = select(JobRun.state, func.count()).where(JobRun.state.in_(_OPEN)).group_by(JobRun.state)
    found: dict[str, int] = {state: count for state, count in session.execute(query)}  # noqa: C416 - rows are no tuples to a type checker
    return {state: found.get(state, 0) for state in _OPEN}


def expired(session: AnySession, keep: timedelta, limit: int = 500) -> list[str]:
    """Return keys of jobs that ended longer than `keep` ago."""
    before: datetime = clock.now() - keep
    query = select(JobRun.key).where(JobRun.finished_at < before).limit(limit)
    return list(session.scalars(query))


def remove(session: WriteSession, keys: list[str]) -> None:
    """Delete these rows."""
    session.execute(delete(JobRun).where(JobRun.key.in_(keys)))
