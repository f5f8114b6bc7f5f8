"""The alerts' part of the worker: step, forward, beat, and again."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from alerts import lease, maintenance
from alerts.alertmanager import Alertmanager
from alerts.correlation import Policy
from alerts.forwarder import Forwarder, ForwarderOptions
from alerts.loading import load_view
from alerts.models import Alert
from alerts.routing import Routing
from alerts.step import DUTY, StepOptions, step
from alerts.verifying import MonitorVerifier
from hatang import clock
from hatang.errors import HatangError
from hatang.log import get_logger
from inventory.service import Current

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from threading import Event

    import httpx

    from alerts.step import Verifier
    from alerts.topology import InventoryView
    from alerts.verifying import Monitor
    from hatang.db import AnySession, Database
    from hatang.settings import Settings

WATCHDOG: Final = "HatangWatchdog"
WATCHDOG_WITHIN: Final = timedelta(minutes=3)
"""Prometheus repeats its always-firing alert each minute; three missed and the chain is broken."""
EVALUATED: Final = timedelta(seconds=20)
"""Within it Prometheus evaluates what it scraped (each 15 s) and posts what changed."""
CONFIRMED: Final = timedelta(seconds=6)
"""Within it the monitors find out by three more packets whether a lost one was a loss."""
RENEWED: Final = timedelta(seconds=60)
"""So often it is read what the names of running work mean."""
LONGEST_HOLD: Final = 10.0
"""Seconds; a live look at the parents replaces waiting for a slower poll period."""
FORWARD_SECONDS: Final = 0.5
LAST_SECONDS: Final = 4.0
"""How long the end waits for a call that hangs: less than the worker waits for us."""
logger = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the loop reads the network's shape, and who measures on demand."""

    topology: Callable[[AnySession], InventoryView]
    verifier: Verifier


def build(
    database: Database, settings: Settings, monitor: Monitor, client: httpx.Client, holder: str
) -> AlertsLoop:
    """Put the loop together from the settings; `client` carries all calls to Alertmanager.

    The hold-down is one poll period, at most ten seconds: a live look at the parents replaces
    waiting for the slower ones.
    """
    period = timedelta(seconds=settings.monitors.period_seconds)
    hold = timedelta(seconds=min(settings.monitors.period_seconds, LONGEST_HOLD))
    forwarder = Forwarder(
        database,
        members(settings, client),
        ForwarderOptions(
            public_url=settings.api.public_url,
            routing=Routing.of(settings),
            escalations=settings.alerts.escalations,
        ),
    )
    return AlertsLoop(
        database,
        Sources(Current(load_view), MonitorVerifier(monitor)),
        forwarder,
        StepOptions(
            holder, Policy(hold, hold, linger=period + EVALUATED, unheard=period + CONFIRMED)
        ),
        watchdog=WATCHDOG_WITHIN if settings.prometheus.run or settings.prometheus.url else None,
    )


def members(settings: Settings, client: httpx.Client) -> list[Alertmanager]:
    """Return every member of Alertmanager's cluster that the settings name."""
    return [Alertmanager(url, client) for url in settings.alertmanager_urls]


class AlertsLoop:
    """Steps and forwards; `run` does the two in threads of their own, so that an Alertmanager that
    hangs delays no correlation.

    The heartbeat is sent only after a step that worked and, when `watchdog` is given, while
    Prometheus' always-firing alert still arrives at our door within that time: a chain broken
    anywhere opens the raw way.
    """

    def __init__(
        self,
        database: Database,
        sources: Sources,
        forwarder: Forwarder,
        options: StepOptions,
        watchdog: timedelta | None = None,
    ) -> None:
        self._database = database
        self._sources = sources
        self._forwarder = forwarder
        self._options = options
        self._watchdog = watchdog
        self._renewed: datetime | None = None

    def tick(self) -> bool:
        """Do everything once; False when another process leads or something failed."""
        return self._step() and self._forward()

    def _step(self) -> bool:
        try:
            outcome = step(
                self._database, self._sources.topology, self._sources.verifier, self._options
            )
        except (HatangError, SQLAlchemyError):
            logger.exception("a step of correlation failed")
            return False
        if outcome is None:
            return False
        try:
            self._renew()
        except (HatangError, SQLAlchemyError):
            logger.exception("announced work was not read again")
        return True

    def _renew(self) -> None:
        """Read now and then what announced work is on: names may mean more than they did."""
        moment = clock.now()
        if self._renewed is None or not timedelta() <= moment - self._renewed < RENEWED:
            with self._database.write() as session:
                maintenance.renew(session, moment)
            self._renewed = moment

    def _forward(self) -> bool:
        try:
            self._forwarder.forward()
            if self._is_fed():
                self._forwarder.beat()
        except (HatangError, SQLAlchemyError):
            logger.exception("incidents were not forwarded")
            return False
        return True

    def run(self, stop: Event, period_seconds: float = 1.0) -> None:
        """Work until `stop` is set, then hand the lead over.

        What is sent follows a step that worked, as this process leads then; the heartbeat too.
        """
        stepped, failures = threading.Event(), list[BaseException]()
        ended = threading.Event()

        def forward() -> None:
            try:
                while not ended.is_set():
                    if stepped.wait(FORWARD_SECONDS):
                        stepped.clear()
                        self._forward()
            except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
                failures.append(error)

        sender = threading.Thread(target=forward, name="forward", daemon=True)
        sender.start()
        try:
            while not stop.is_set() and sender.is_alive():
                if self._step():
                    stepped.set()
                stop.wait(period_seconds)
        finally:
            ended.set()
            sender.join(LAST_SECONDS)
        if failures:
            raise failures[0]
        with self._database.write() as session:
            lease.release(session, DUTY, self._options.holder)

    def _is_fed(self) -> bool:
        if self._watchdog is None:
            return True
        named = Alert.element.is_(None)
        with self._database.read() as session:
            rows = session.execute(select(Alert.labels, Alert.received_at).where(named))
            heard = [at for labels, at in rows if labels["alertname"] == WATCHDOG]
        last = max(heard, default=None)
        return last is not None and clock.now() - last <= self._watchdog
