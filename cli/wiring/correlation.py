"""Correlation and notification, over the inventory's network and the monitors' measurements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from alerts.alertmanager import TIMEOUT_SECONDS, Alertmanager
from alerts.forwarder import Forwarder, ForwarderOptions
from alerts.loop import AlertsLoop, Sources
from alerts.step import StepOptions
from cli.network import NetworkReader
from cli.timings import WATCHDOG
from cli.verifying import MonitorVerifier

if TYPE_CHECKING:
    from cli.wiring import App


def alerts_loop(app: App, holder: str) -> AlertsLoop:
    """Return the loop that the worker called `holder` runs while it leads."""
    client = httpx.Client(timeout=TIMEOUT_SECONDS)
    members = [Alertmanager(app.settings.alertmanager_url, client)]
    options = ForwarderOptions(public_url=app.settings.api.public_url)
    return AlertsLoop(
        app.db,
        Sources(NetworkReader().view, MonitorVerifier(app.monitor)),
        Forwarder(app.db, members, options),
        StepOptions(holder),
        watchdog=WATCHDOG,
    )
