"""Pages handed to gateways, as a process that needs nothing else of hatang alive."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import httpx

from alerts.notification.notifier import TIMEOUT_SECONDS, Notifier, server
from alerts.notification.rendering import token_file
from hatang.settings import check_port_free

if TYPE_CHECKING:
    from types import FrameType

    from cli.wiring import App


def run(app: App) -> None:
    """Hand pages on until SIGTERM or SIGINT; raises SettingsError for a taken port."""
    listen = app.settings.alertmanager.notifier
    check_port_free(listen, "alertmanager.notifier")
    token = token_file(app.settings).read_text("utf-8").strip()
    with httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False) as client:
        notifier = Notifier(app.settings, client)
        with server((listen.host, listen.port), notifier, token) as serving:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, _end)
            try:
                serving.serve_forever()
            except KeyboardInterrupt:
                return


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
