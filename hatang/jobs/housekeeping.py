"""What a worker does beside its jobs: hands over, shows that it lives, takes over, clears up."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from prometheus_client import Counter, Gauge

from hatang import clock, log
from hatang.jobs import heartbeat, runs
from hatang.jobs.stillness import Stillness, Unchanged
from hatang.metrics import REGISTRY

if TYPE_CHECKING:
    from hatang.db import Database
    from hatang.jobs.models import JobRun
    from hatang.settings import Settings

_PRUNE_SECONDS: Final = 3_600.0

OPEN_JOBS: Final = Gauge(
    "hatang_jobs", "Jobs that have not ended, by state.", ["state"], registry=REGISTRY
)
TAKEN_OVER: Final = Counter(
    "hatang_jobs_taken_over_total", "Jobs taken over from dead workers.", registry=REGISTRY
)
_logger = log.get_logger(__name__)


class QueueDoor(Protocol):
    """What housekeeping needs of an engine's client."""

    def hand_over(self, requests: list[JobRun]) -> None:
        """Queue these requests; twice is once."""

    def take_over(self, executors: list[str]) -> list[str]:
        """Queue the unfinished jobs of dead executors again; return their keys."""

    def forget(self, keys: list[str]) -> None:
        """Drop what the engine keeps about ended jobs."""


class Housekeeper:
    """The worker's own thread; each duty that fails is logged and tried again at its next turn."""

    def __init__(self, db: Database, settings: Settings, door: QueueDoor, executor: str) -> None:
        self._db = db
        self._settings = settings
        self._door = door
        self._executor = executor
        file = db.engine.url.database or ""
        self._records = Unchanged(Stillness(file)) if db.is_sqlite else None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="jobs-housekeeping", daemon=True)
        self._duties = (
            (settings.jobs.poll_seconds, self._look_for_requests),
            (settings.jobs.heartbeat_seconds, self.beat),
            (settings.jobs.heartbeat_seconds, self.take_over),
            (_PRUNE_SECONDS, self.prune),
        )

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the duty in hand."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=15)

    def hand_over(self) -> None:
        """Queue what was asked for in transactions of others, and count what is open."""
        with self._db.read() as session:
            requests = runs.requested(session)
            open_jobs = runs.counts(session)
        if requests:
            self._door.hand_over(requests)
        for state, count in open_jobs.items():
            OPEN_JOBS.labels(state).set(count)

    def _look_for_requests(self) -> None:
        """Hand over, unless nobody has written anything since it was last done."""
        if self._records is None:
            self.hand_over()
        else:
            self._records.do(self.hand_over)

    def beat(self) -> None:
        """Show that this worker lives."""
        with self._db.write() as session:
            heartbeat.beat(session, self._executor)

    def take_over(self) -> None:
        """Resume the jobs of dead workers, if this one is elected (PostgreSQL only)."""
        if self._db.is_sqlite:  # one machine, one worker: its next process goes on by itself
            return
        with self._db.write() as session:
            if not heartbeat.elected(session):
                return
            silent = heartbeat.dead(session, self._settings.jobs.dead_seconds)
            gone = [each for each in silent if each != self._executor]
            keys = self._door.take_over(gone)
        if keys:
            TAKEN_OVER.inc(len(keys))
            _logger.warning("took over %d jobs of dead workers %s", len(keys), ", ".join(gone))

    def prune(self) -> None:
        """Delete jobs that ended longer than `jobs.keep_days` ago."""
        keep = timedelta(days=self._settings.jobs.keep_days)
        with self._db.read() as session:
            keys = runs.expired(session, keep)
        if keys:
            self._door.forget(keys)
            with self._db.write() as session:
                runs.remove(session, keys)

    def _loop(self) -> None:
        due = [0.0 for _ in self._duties]
        while not self._stop.wait(self._settings.jobs.poll_seconds):
            for index, (period, duty) in enumerate(self._duties):
                if clock.monotonic() < due[index]:
                    continue
                due[index] = clock.monotonic() + period
                try:
                    duty()
                except Exception:
                    _logger.exception("worker duty %s failed", duty.__name__)
