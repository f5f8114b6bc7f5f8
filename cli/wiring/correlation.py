"""Correlation and notification, over the inventory's network and the monitors' measurements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from alerts.alertmanager import CONNECT_SECONDS, TIMEOUT_SECONDS
from alerts.loop import build, members
from alerts.notification.delivery import DeliveryWatch

if TYPE_CHECKING:
    from alerts.alertmanager import Alertmanager
    from alerts.loop import AlertsLoop
    from cli.wiring import App
    from hatang.settings import Settings


def alerts_loop(app: App, holder: str) -> AlertsLoop:
    """Return the loop that the worker called `holder` runs while it leads."""
    return build(app.db, app.settings, app.monitor, _client(), holder)


def delivery_watch(app: App) -> DeliveryWatch:
    """Return what reads back how Alertmanager fares with its receivers."""
    return DeliveryWatch(app.db, members(app.settings, _client()))


def alertmanagers(settings: Settings) -> list[Alertmanager]:
    """Return the members of Alertmanager's cluster."""
    return members(settings, _client())


def _client() -> httpx.Client:
    # One that is not there must be found out soon; one that works may take its time.
    return httpx.Client(timeout=httpx.Timeout(TIMEOUT_SECONDS, connect=CONNECT_SECONDS))
