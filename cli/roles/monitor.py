"""The measurements as a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatang.settings import check_port_free
from monitors.process import run_monitor

if TYPE_CHECKING:
    from cli.wiring import App


def run(app: App) -> None:
    """Measure until SIGTERM or SIGINT; raises SettingsError when the port is taken."""
    check_port_free(app.settings.monitors.listen, "monitors.listen")
    run_monitor(app.settings, app.db)
