"""The composition root: the one place where packages are put together into processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import httpx

import playbooks.changes.jobs
import playbooks.runs.jobs
from alerts.alertmanager import TIMEOUT_SECONDS, Alertmanager
from alerts.forwarder import Forwarder, ForwarderOptions
from alerts.loop import AlertsLoop, Sources
from alerts.step import StepOptions
from api.context import ApiContext
from cli.health import MonitorHealth, MonitorVerifier
from cli.hints import ChangeHints
from cli.network import NetworkReader
from cli.timings import WATCHDOG
from hatang import gates, statedir
from hatang.datadir import Places, equip_all
from hatang.db import Database
from hatang.db.migrations import runner
from hatang.drivers.hostkeys import StoredHostKeys
from hatang.errors import SettingsError
from hatang.jobs.dbos_engine import DbosClient
from monitors.client import MonitorClient

if TYPE_CHECKING:
    from hatang.settings import Settings

JOB_MODULES: Final = (playbooks.changes.jobs, playbooks.runs.jobs)
"""Imported so that their jobs are registered: a job nobody declared cannot be asked for."""


@dataclass(slots=True)
class App:
    """What every process of hatang works with."""

    settings: Settings
    db: Database
    host_keys: StoredHostKeys
    monitor: MonitorClient
    _jobs: DbosClient | None = None

    @property
    def jobs(self) -> DbosClient:
        """The client that enqueues for the workers; opened when first used."""
        if self._jobs is None:
            self._jobs = DbosClient(self.db, self.settings)
        return self._jobs

    def api_context(self) -> ApiContext:
        """Return what the HTTP doors work with."""
        return ApiContext(self.settings, self.db, self.jobs, self.host_keys, self.monitor)

    def alerts_loop(self, holder: str) -> AlertsLoop:
        """Return the correlation and forwarding of the worker called `holder`."""
        client = httpx.Client(timeout=TIMEOUT_SECONDS)
        members = [Alertmanager(self.settings.alertmanager_url, client)]
        options = ForwarderOptions(public_url=self.settings.api.public_url)
        return AlertsLoop(
            self.db,
            Sources(NetworkReader().view, MonitorVerifier(self.monitor)),
            Forwarder(self.db, members, options),
            StepOptions(holder),
            watchdog=WATCHDOG,
        )

    def close(self) -> None:
        """Close every connection."""
        if self._jobs is not None:
            self._jobs.close()
        self.db.dispose()


def open_app(settings: Settings) -> App:
    """Open the data directory that `settings` name, and fill the gates of this process.

    Raises:
        SettingsError: nobody initialised it, it cannot be written, a newer hatang wrote it, its
            tables are of another version, or a key is missing.
    """
    if not settings.data_dir.is_dir():
        raise SettingsError(
            f"the data directory {settings.data_dir} does not exist",
            fix="Run `hatang up` or `hatang init` first, or name another with HATANG_DATA_DIR.",
        )
    statedir.prepare(settings.data_dir)
    database = Database.open(settings.database_url)
    try:
        runner.require_current(database.engine)
        equip_all(database, Places.of(settings))
    except BaseException:
        database.dispose()
        raise
    monitor = MonitorClient(settings.monitors_socket)
    _fill_gates(monitor)
    return App(settings, database, StoredHostKeys(database), monitor)


def _fill_gates(monitor: MonitorClient) -> None:
    gates.clear()
    gates.register(gates.HEALTH, MonitorHealth(monitor), name="monitors")
    gates.register(gates.CAUSE, ChangeHints(), name="changes")
