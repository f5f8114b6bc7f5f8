"""Reads back how Alertmanager fares with its receivers, and keeps it for whoever asks.

Its counters alone say that something failed once; that it fails now follows from their growth.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select

from alerts.models import Delivery
from hatang import clock
from hatang.errors import DriverError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.alertmanager import Alertmanager
    from hatang.db import AnySession, Database, WriteSession

REQUESTS: Final = "alertmanager_notification_requests_total"
FAILED: Final = "alertmanager_notification_requests_failed_total"
SETTLED: Final = timedelta(minutes=2)
"""A receiver works again when it took something and refused nothing for so long: Alertmanager
waits a minute at most between two tries."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What does not get through: to all receivers of a kind, or to Alertmanager itself."""

    alertmanager: str
    integration: str
    since: datetime
    seen_at: datetime
    error: str

    def __str__(self) -> str:
        since = self.since.isoformat(timespec="seconds")
        if not self.integration:
            return f"{self.alertmanager} is not reached since {since}: {self.error}"
        return f"{self.integration} at {self.alertmanager} fails since {since}; it is tried again"


class DeliveryWatch:
    """Looks at each Alertmanager; one that does not answer is named and keeps no other waiting."""

    def __init__(self, database: Database, alertmanagers: Sequence[Alertmanager]) -> None:
        self._database = database
        self._alertmanagers = tuple(alertmanagers)

    def look(self) -> None:
        """Write down how delivery fares now."""
        for each in self._alertmanagers:
            try:
                counts, error = counters(each.metrics()), ""
            except DriverError as failure:
                counts, error = {}, failure.message
            with self._database.write() as session:
                _keep_itself(session, each.url, error)
                for integration, (sent, failed) in counts.items():
                    _keep(session, each.url, integration, (sent, failed))


def counters(text: str) -> dict[str, tuple[int, int]]:
    """Return tries and failed tries by integration, of those that were used at all."""
    found: dict[str, dict[str, int]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name in (REQUESTS, FAILED):
                of = found.setdefault(sample.labels["integration"], {})
                # Several receivers of a kind are told apart from Alertmanager 0.28 on.
                of[sample.name] = of.get(sample.name, 0) + int(sample.value)
    return {
        name: (of.get(REQUESTS, 0), of.get(FAILED, 0))
        for name, of in found.items()
        if of.get(REQUESTS, 0)
    }


def troubles(session: AnySession, urls: Sequence[str]) -> list[Trouble]:
    """Return what fails now at these Alertmanagers."""
    rows = session.scalars(
        select(Delivery)
        .where(Delivery.alertmanager.in_(urls))
        .order_by(Delivery.alertmanager, Delivery.integration)
    )
    return [
        Trouble(row.alertmanager, row.integration, row.failing_since, row.seen_at, row.error)
        for row in rows
        if row.failing_since is not None
    ]


def _keep_itself(session: WriteSession, url: str, error: str) -> None:
    row, moment = _row(session, url, ""), clock.now()
    row.error, row.seen_at = error, moment
    row.failing_since = (row.failing_since or moment) if error else None


def _keep(session: WriteSession, url: str, integration: str, counts: tuple[int, int]) -> None:
    row, moment = _row(session, url, integration), clock.now()
    sent, failed = counts
    if sent < row.sent:
        row.sent, row.failed = 0, 0  # It began to count anew.
    tries, failures = sent - row.sent, failed - row.failed
    if failures > 0:
        row.failed_at, row.failing_since = moment, row.failing_since or moment
    elif tries > 0 and (row.failed_at is None or moment - row.failed_at >= SETTLED):
        row.failing_since = None
    row.sent, row.failed, row.seen_at = sent, failed, moment


def _row(session: WriteSession, url: str, integration: str) -> Delivery:
    row = session.get(Delivery, (url, integration))
    if row is None:
        row = Delivery(alertmanager=url, integration=integration, sent=0, failed=0, error="")
        row.seen_at = clock.now()
        session.add(row)
    return row


def summary(found: Sequence[Trouble]) -> str:
    """Return troubles as one line, `ok` for none."""
    return "; ".join(str(each) for each in found) or "ok"
