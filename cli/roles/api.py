"""The HTTP door as a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.server import serve
from cli.wiring.doors import api_context
from hatang.settings import check_port_free

if TYPE_CHECKING:
    from cli.wiring import App


def run(app: App) -> None:
    """Serve HTTP until SIGTERM or SIGINT; raises SettingsError when the port is taken."""
    check_port_free(app.settings.api.listen, "api.listen")
    with api_context(app) as context:
        serve(context)
