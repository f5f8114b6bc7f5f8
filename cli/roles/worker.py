"""Jobs, correlation and notification as a process."""

from __future__ import annotations

import os
import signal
import threading
from functools import partial
from typing import TYPE_CHECKING, Final

from prometheus_client import start_http_server

from cli import collector, timings
from cli.crew import Crew, Duty, every
from cli.wiring.correlation import alerts_loop, delivery_watch
from cli.wiring.jobs import JOB_MODULES
from conference import hearing
from conference import series as meetings
from hatang import clock, events, log
from hatang.jobs.dbos_engine import DbosWorker
from hatang.metrics import REGISTRY
from hatang.settings import check_port_free
from inventory import series as certificates
from playbooks.drift import series as drift
from playbooks.vault import series as vault

if TYPE_CHECKING:
    from cli.wiring import App

STOP_SECONDS: Final = 5.0
__all__ = ["JOB_MODULES", "duties", "run"]
_logger = log.get_logger(__name__)


def run(app: App) -> None:
    """Work until SIGTERM or SIGINT, then let what runs finish.

    Raises:
        SettingsError: its port is taken, or another worker has this executor id.
    """
    listen = app.settings.jobs.listen
    check_port_free(listen, "jobs.listen")
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    ready = app.settings.data_dir / "run" / "worker.ready"
    start_http_server(listen.port, listen.host, REGISTRY)
    worker = DbosWorker(app.db, app.settings)
    worker.launch()
    crew = Crew(duties(app, f"{worker.executor}:{os.getpid()}"))
    try:
        crew.start()
        ready.write_text(f"{os.getpid()}\n", "ascii")
        _logger.info("the worker %s is ready", worker.executor)
        stopping.wait()
    finally:
        ready.unlink(missing_ok=True)
        for name in crew.stop(STOP_SECONDS):
            _logger.error("%s did not end in time", name)
        worker.drain()


def duties(app: App, holder: str) -> list[Duty]:
    """Return what a worker does beside its jobs."""
    loop = alerts_loop(app, holder)
    return [
        Duty("alerts", partial(loop.run, period_seconds=timings.ALERTS_SECONDS)),
        Duty("delivery", every(timings.DELIVERY_SECONDS, delivery_watch(app).look)),
        Duty("targets", every(timings.TARGETS_SECONDS, partial(collector.write_targets, app))),
        Duty("rules", every(timings.RULES_SECONDS, collector.rules_watch(app).look)),
        Duty("series", every(timings.SERIES_SECONDS, partial(_show, app))),
        Duty("clean", every(timings.CLEAN_SECONDS, partial(_clean, app))),
    ]


def _show(app: App) -> None:
    with app.db.read() as session:
        certificates.update(session)
        vault.update(session)
        drift.update(session)
        meetings.update(session, hearing.told())


def _clean(app: App) -> None:
    with app.db.write() as session:
        events.prune(session, clock.now() - timings.EVENTS_KEPT)
    collector.renew(app)
