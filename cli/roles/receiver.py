"""What devices say unasked, as a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatang.settings import check_port_free
from monitors.hints.process import run_receiver

if TYPE_CHECKING:
    from cli.wiring import App


def run(app: App) -> None:
    """Take traps and log lines until SIGTERM or SIGINT; raises SettingsError for a taken port."""
    check_port_free(app.settings.receiver.listen, "receiver.listen")
    run_receiver(app.settings, app.db)
