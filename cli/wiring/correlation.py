"""Correlation and notification, over the inventory's network and the monitors' measurements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from alerts.alertmanager import TIMEOUT_SECONDS
from alerts.loop import build

if TYPE_CHECKING:
    from alerts.loop import AlertsLoop
    from cli.wiring import App


def alerts_loop(app: App, holder: str) -> AlertsLoop:
    """Return the loop that the worker called `holder` runs while it leads."""
    client = httpx.Client(timeout=TIMEOUT_SECONDS)
    return build(app.db, app.settings, app.monitor, client, holder)
