"""The composition root: the one place where packages are put together into processes.

What every process shares stands here; what the api and the worker need besides stands in modules
of their own, so that a short command loads neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from hatang import gates, statedir
from hatang.datadir import Places, equip_all
from hatang.db import Database
from hatang.db.migrations import runner
from hatang.drivers.hostkeys import StoredHostKeys
from hatang.errors import SettingsError
from monitors.client import MonitorClient
from playbooks.pace import Pace

if TYPE_CHECKING:
    from hatang.settings import Settings


# Who copied the scope of an element beside its own rows.
FOLLOWERS: Final = {
    "monitors.rescoping": "ElementScopes",
    "playbooks.vault.rescoping": "ConfigurationScopes",
    "baselines.rescoping": "AuditScopes",
    "conference.rescoping": "MeetingScopes",
}


@dataclass(slots=True)
class App:
    """What every process of hatang works with."""

    settings: Settings
    db: Database
    host_keys: StoredHostKeys
    monitor: MonitorClient

    def close(self) -> None:
        """Close every connection."""
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
    app = App(settings, database, StoredHostKeys(database), monitor)
    _fill_gates(app)
    return app


def _fill_gates(app: App) -> None:
    gates.clear()
    monitors = partial(_made, "cli.health", "MonitorHealth", app.monitor)
    gates.register_later(gates.HEALTH, monitors, name="monitors")
    asks = app.db, app.host_keys, Pace.of(app.settings)
    routes = partial(_made, "playbooks.changes.routes", "RouteHealth", *asks)
    gates.register_later(gates.HEALTH, routes, name="routes")
    rooms = partial(_made, "conference.health", "RoomHealth", app.db, allow_local=app.settings.lab)
    gates.register_later(gates.HEALTH, rooms, name="rooms")
    hints = partial(_made, "cli.hints", "ChangeHints")
    gates.register_later(gates.CAUSE, hints, name="changes")
    power = partial(_made, "monitors.power", "BatteryHints")
    gates.register_later(gates.CAUSE, power, name="power")
    intents = partial(_made, "cli.intents", "ChangeFromIntent")
    gates.register_later(gates.CHANGE, intents, name="changes")
    days = app.settings.baselines.golive_days
    before_use = partial(_made, "baselines.golive", "GoLive", days)
    gates.register_later(gates.STATUS, before_use, name="baselines")
    legacy = partial(_made, "baselines.service.legacy", "WaivedLegacySsh")
    gates.register_later(gates.LEGACY_SSH, legacy, name="baselines")
    for module, name in FOLLOWERS.items():
        gates.register_later(gates.SCOPE, partial(_made, module, name), name=module)


def _made(module: str, name: str, *args: object, **kwargs: object) -> Any:  # noqa: ANN401 RUF100 - what stands behind some gate
    """Load what stands behind a gate: most commands ask none, and it brings every transport."""
    return getattr(import_module(module), name)(*args, **kwargs)
