"""The durable engine: DBOS Transact, known to this module alone.

Rules that bind (each was learned by breaking it): portable JSON instead of pickle; one constant
application version, because jobs of another version silently never run; write-ahead logging
before the launch; one stable executor id a process and never two processes with one id; few
queues, because each one polls; only the worker launches, everybody else is a client.
"""

from __future__ import annotations

import hashlib
import sqlite3
from typing import TYPE_CHECKING, Any, Final

from dbos import (
    DBOS,
    DBOSClient,
    DBOSConfig,
    DBOSPortableJSONSerializer,
    EnqueueOptions,
    ScheduleInput,
)
from sqlalchemy import make_url

from hatang import log, statedir
from hatang.jobs import heartbeat, runs
from hatang.jobs.execution import Workplace, execute
from hatang.jobs.housekeeping import Housekeeper
from hatang.jobs.registry import JOBS, JobRegistry, JobState, JobStatus, Queue, Scalars
from hatang.jobs.stillness import QuietQueues, Stillness
from hatang.jobs.waiting import wait

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from hatang.db import Database
    from hatang.jobs.models import JobRun
    from hatang.settings import Settings

APPLICATION: Final = "hatang"
APPLICATION_VERSION: Final = "1"
"""Never changes: changed job bodies stay compatible with running ones, or wait for a drain."""

WORKFLOW: Final = "hatang.job"
SCHEDULE_WORKFLOW: Final = "hatang.schedule"
# A job that kills its worker this often is not started again.
MAX_RECOVERIES: Final = 20

_logger = log.get_logger(__name__)


def migrate(settings: Settings) -> None:
    """Create or upgrade the job database; to be done before any process of hatang starts."""
    url = settings.jobs_database_url
    if url.startswith("sqlite"):
        _enable_wal(url)
    DBOS.migrate(url)


def _enable_wal(url: str) -> None:
    # The mode is a property of the file; DBOS itself would leave it at the rollback journal.
    connection = sqlite3.connect(make_url(url).database or "")
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


class DbosClient:
    """A JobEngine that enqueues for the workers and launches nothing itself."""

    def __init__(self, db: Database, settings: Settings, registry: JobRegistry = JOBS) -> None:
        self._db = db
        self._registry = registry
        self._client = DBOSClient(
            system_database_url=settings.jobs_database_url,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            lazy=True,
            retry_connection_errors=False,  # a request must not hang while the database is away
        )

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
        """Write the request and hand it over; should that fail, the worker does it later."""
        spec = self._registry.routed(name, queue)
        with self._db.write() as session:
            run = runs.insert(session, spec, args, key=key, actor=actor, partition=partition)
        if run.state == JobState.REQUESTED:
            self._try_to_hand_over(run)
        return key

    def _try_to_hand_over(self, run: JobRun) -> None:
        try:
            self.hand_over([run])
        except Exception:
            # The request is committed: telling the caller it failed would be wrong.
            _logger.exception("job %s waits for a worker to hand it over", run.key)

    def hand_over(self, requests: list[JobRun]) -> None:
        """Queue these requests with DBOS; doing so twice is doing it once."""
        for run in requests:
            options = EnqueueOptions(
                workflow_name=WORKFLOW,
                queue_name=run.queue,
                workflow_id=run.key,
                app_version=APPLICATION_VERSION,
            )
            if run.partition is not None:
                options["queue_partition_key"] = run.partition
            self._client.enqueue(options)
        with self._db.write() as session:
            runs.mark_queued(session, [run.key for run in requests])

    def status(self, key: str) -> JobStatus:
        """Return where the job stands."""
        with self._db.read() as session:
            return runs.status(session, key)

    def wait(self, key: str, timeout: float) -> JobStatus:
        """Return the status once the job ended, or as it is after `timeout` seconds."""
        return wait(self._db, key, timeout)

    def cancel(self, key: str) -> None:
        """Cancel the job and those it enqueued."""
        with self._db.write() as session:
            keys = runs.cancel(session, key)
        for each in keys:
            self._client.cancel_workflow(each)

    def take_over(self, executors: list[str]) -> list[str]:
        """Put the unfinished jobs of dead executors back on their queues; return their keys.

        The queue's name is passed on, or the job would lose its place in its partition.
        """
        if not executors:
            return []
        stranded = self._client.list_workflows(
            status="PENDING", executor_id=executors, load_input=False, load_output=False
        )
        for workflow in stranded:
            self._client.resume_workflow(workflow.workflow_id, queue_name=workflow.queue_name)
        return [workflow.workflow_id for workflow in stranded]

    def forget(self, keys: list[str]) -> None:
        """Delete what DBOS keeps about these ended jobs."""
        if keys:
            self._client.delete_workflows(keys)

    def close(self) -> None:
        """Close the connections."""
        self._client.destroy()


class DbosWorker:
    """Runs jobs in this process, one worker an executor id; `client` enqueues from within jobs."""

    def __init__(self, db: Database, settings: Settings, registry: JobRegistry = JOBS) -> None:
        executor = statedir.executor_id(settings.data_dir, settings.executor_id)
        self._settings = settings
        self._place = Workplace(db, settings, registry, executor)
        self._lock: statedir.Lock | None = None
        self._claim: heartbeat.IdClaim | None = None
        self.client = DbosClient(db, settings, registry)
        self._housekeeper = Housekeeper(db, settings, self.client, executor)

    @property
    def executor(self) -> str:
        """The id this worker keeps across restarts."""
        return self._place.executor

    def launch(self) -> None:
        """Start working; unfinished jobs of this executor's last process go on first.

        Raises:
            SettingsError: another process works under this executor id.
        """
        digest = hashlib.sha256(self.executor.encode()).hexdigest()[:16]
        folder = statedir.prepare(self._settings.data_dir) / "run"
        self._lock = statedir.Lock(folder / f"worker-{digest}.lock", f"worker {self.executor}")
        self._claim = heartbeat.IdClaim(self._place.db, self.executor)
        with self._place.db.write() as session:
            runs.end_orphans(session, self.executor)
            heartbeat.beat(session, self.executor)
        engine = DBOS(config=_configuration(self._settings, self.executor))
        run_schedule = _register(self._place, self.client)
        DBOS.launch()
        _pass_by_quiet_queues(engine, self._settings.jobs_database_url)
        _register_queues(self._settings)
        _apply_schedules(self._settings, self._place.registry, run_schedule)
        self._housekeeper.start()

    def drain(self) -> None:
        """Take no more jobs, let running ones finish for `jobs.drain_seconds`, then stop.

        What is unfinished then goes on at the next launch.
        """
        self._housekeeper.stop()
        DBOS.destroy(
            destroy_registry=True,
            workflow_completion_timeout_sec=int(self._settings.jobs.drain_seconds),
        )
        self.client.close()
        if self._claim is not None:
            self._claim.close()
        if self._lock is not None:
            self._lock.close()


def _configuration(settings: Settings, executor: str) -> DBOSConfig:
    return DBOSConfig(
        name=APPLICATION,
        system_database_url=settings.jobs_database_url,
        application_version=APPLICATION_VERSION,
        executor_id=executor,
        serializer=DBOSPortableJSONSerializer(),
        run_migrations=False,
        enable_otlp=False,
        log_level="WARNING",
        max_executor_threads=settings.jobs.concurrency * len(Queue) + 4,
        scheduler_polling_interval_sec=5.0,
        notification_listener_polling_interval_sec=settings.jobs.poll_seconds,
    )


def _register(place: Workplace, client: DbosClient) -> Callable[[datetime, Any], None]:
    """Declare the one workflow all jobs are, and the one that turns a tick into a job."""

    @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=MAX_RECOVERIES)
    def run_job() -> dict[str, Any]:
        key = _workflow_id()
        try:
            return dict(execute(place, key, client, _run_step))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told without secrets
            # The engine keeps what is raised here, so it gets the text without secrets.
            raise RuntimeError(runs.describe(error)) from None

    @DBOS.workflow(name=SCHEDULE_WORKFLOW)
    def run_schedule(scheduled_at: datetime, context: Any) -> None:  # noqa: ANN401 RUF100 - DBOS'
        # Portable JSON hands the time over as text; the annotation is what DBOS asks for.
        at = str(scheduled_at)
        client.enqueue(str(context), {"scheduled_at": at}, key=f"{context}@{at}")

    return run_schedule


def _workflow_id() -> str:
    key = DBOS.workflow_id
    if key is None:
        raise RuntimeError("a job runs outside its workflow")
    return key


def _run_step(name: str, function: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    return DBOS.run_step({"name": name}, function)


def _register_queues(settings: Settings) -> None:
    limits: dict[Queue, dict[str, Any]] = {
        Queue.DEFAULT: {"worker_concurrency": settings.jobs.concurrency},
        Queue.DEVICE: {
            "worker_concurrency": settings.jobs.concurrency,
            "partition_concurrency": 1,
        },
        Queue.BULK: {"worker_concurrency": 2},
        Queue.NOTIFY: {"worker_concurrency": settings.jobs.concurrency},
        Queue.SCAN: {"worker_concurrency": 2},
    }
    for queue, limit in limits.items():
        DBOS.register_queue(
            queue,
            polling_interval_sec=settings.jobs.poll_seconds,
            on_conflict="always_update",
            **limit,
        )


def _pass_by_quiet_queues(engine: DBOS, url: str) -> None:
    """On SQLite, let a poll end before its queries where nothing waits on the queue.

    An idle worker spends most of its processor on polls otherwise. Only what is certain is left
    out: a queue on which something waits is polled as ever.
    """
    if not url.startswith("sqlite"):
        return
    queues = QuietQueues(Stillness(make_url(url).database or ""))
    records = engine._sys_db  # noqa: SLF001 - DBOS has no door to it
    scopes, reload = records.dequeue_scopes, records.get_queue
    known: dict[str, Any] = {}

    def waiting_scopes(queue_name: str) -> list[str | None]:
        return [] if queues.is_quiet(queue_name) else scopes(queue_name)

    def reload_busy(name: str, **named: Any) -> Any:  # noqa: ANN401 RUF100 - DBOS'
        if named:
            return reload(name, **named)
        if known.get(name) is None or not queues.is_quiet(name):
            known[name] = reload(name)
        return known[name]

    records.dequeue_scopes = waiting_scopes  # type: ignore[method-assign]
    records.get_queue = reload_busy  # type: ignore[method-assign]


def _apply_schedules(
    settings: Settings, registry: JobRegistry, run_schedule: Callable[[datetime, Any], None]
) -> None:
    wanted = {spec.name: spec.cron for spec in registry.all() if spec.cron is not None}
    for stale in DBOS.list_schedules():
        if stale["schedule_name"] not in wanted:
            DBOS.delete_schedule(stale["schedule_name"])
    DBOS.apply_schedules(
        [
            ScheduleInput(
                schedule_name=name,
                workflow_fn=run_schedule,
                schedule=cron,
                context=name,
                cron_timezone=settings.timezone,
            )
            for name, cron in wanted.items()
        ]
    )
