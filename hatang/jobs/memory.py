"""An engine for tests: runs a job at once in the caller's thread, and can crash it on purpose."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from hatang.errors import NotFoundError
from hatang.jobs import runs
from hatang.jobs.execution import StepRunner, Workplace, execute
from hatang.jobs.registry import JOBS, JobRegistry, JobState, JobStatus, Queue, Scalars

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.db import Database
    from hatang.settings import Settings


class CrashError(BaseException):
    """Stands for kill -9: nothing in a job may catch it."""


class CancelledJobError(BaseException):
    """Ends a cancelled job at its next step."""


class MemoryEngine:
    """A JobEngine whose steps are remembered for as long as the object lives.

    `crash_after` holds names of steps after whose effect, but before whose record, the process
    "dies"; `resume` then runs the job again as a worker would after a restart.
    """

    def __init__(
        self,
        db: Database,
        settings: Settings,
        registry: JobRegistry = JOBS,
        *,
        run_at_once: bool = True,
    ) -> None:
        self._place = Workplace(db, settings, registry, "memory")
        self._run_at_once = run_at_once
        self._records: dict[tuple[str, int], dict[str, Any]] = {}
        self.crash_after: set[str] = set()

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
        """Request the job and, unless told otherwise, run it; its failure is in its status."""
        spec = self._place.registry.routed(name, queue)
        with self._place.db.write() as session:
            run = runs.insert(session, spec, args, key=key, actor=actor, partition=partition)
            new = run.state == JobState.REQUESTED
            runs.mark_queued(session, [key])
        if new and self._run_at_once:
            self.resume(key)
        return key

    def run_requested(self) -> int:
        """Run what was asked for with `runs.request`, as the worker does; return how many."""
        with self._place.db.read() as session:
            keys = [run.key for run in runs.requested(session)]
        with self._place.db.write() as session:
            runs.mark_queued(session, keys)
        for key in keys:
            self.resume(key)
        return len(keys)

    def resume(self, key: str) -> None:
        """Run the job from the top; finished steps answer from their record."""
        with self._place.db.read() as session:
            if runs.status(session, key).ended:
                return
        # Both stand in the job's status; a worker goes on after them, too.
        with suppress(CancelledJobError, Exception):
            execute(self._place, key, self, self._stepper(key))

    def status(self, key: str) -> JobStatus:
        """Return where the job stands."""
        with self._place.db.read() as session:
            return runs.status(session, key)

    def wait(self, key: str, timeout: float) -> JobStatus:  # noqa: ARG002 RUF100 - the Protocol's
        """Return the status; nothing runs beside the caller, so there is nothing to wait for."""
        return self.status(key)

    def cancel(self, key: str) -> None:
        """Cancel the job and those it enqueued."""
        with self._place.db.write() as session:
            runs.cancel(session, key)

    def _stepper(self, key: str) -> StepRunner:
        count = 0

        def run_step(name: str, function: Callable[[], dict[str, Any]]) -> dict[str, Any]:
            nonlocal count
            count += 1
            if self.status(key).state is JobState.CANCELLED:
                raise CancelledJobError
            if (key, count) not in self._records:
                record = function()
                if name in self.crash_after:
                    self.crash_after.discard(name)
                    raise CrashError(name)
                self._records[key, count] = {"step": name} | record
            found = self._records[key, count]
            if found["step"] != name:
                raise NotFoundError(
                    f"job {key} is not deterministic: {found['step']} became {name}"
                )
            return found

        return run_step
