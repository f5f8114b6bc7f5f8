"""Against a real Alertmanager; pages are counted in the receiver's own log."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from alerts import hours
from alerts.alertmanager import Alertmanager, text
from alerts.choices import IncidentState
from alerts.fingerprint import fingerprint
from alerts.forwarder import Forwarder, ForwarderOptions
from alerts.models import Acknowledgement, Incident
from alerts.notification.rendering import Timings, render_alertmanager
from hatang import clock
from hatang.settings import Settings
from tests.alerts.tools import Sink, alertmanager, sink, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hatang.db import Database

pytestmark = pytest.mark.slow

QUICK = Timings(incident_wait="0s", incident_interval="1s", raw_wait="2s", raw_interval="1s")
EAGER = ForwarderOptions(
    resend=timedelta(0),
    heartbeat=timedelta(0),
    heartbeat_ends_after=timedelta(seconds=3),
)


@dataclass
class Chain:
    """hatang's end, Alertmanager in the middle, the receiver at the other end."""

    database: Database
    forwarder: Forwarder
    sink: Sink
    url: str

    def open_incident(self) -> int:
        with self.database.write() as session:
            incident = Incident(
                fault="device:hub-1",
                element="device:hub-1",
                origin="device:hub-1",
                name="hub-1",
                site="hub",
                alertname="DeviceUnreachable",
                severity="critical",
                state=IncidentState.OPEN,
                is_verified=True,
                bad_since=clock.now(),
                opened_at=clock.now(),
            )
            session.add(incident)
            session.flush()
            return incident.id

    def change(self, number: int, **values: object) -> None:
        with self.database.write() as session:
            incident = session.get_one(Incident, number)
            for name, value in values.items():
                setattr(incident, name, value)

    def resolve(self, number: int) -> None:
        self.change(number, state=IncidentState.RESOLVED, resolved_at=clock.now())

    def acknowledge(self, number: int) -> None:
        self.change(number, state=IncidentState.ACKNOWLEDGED)
        with self.database.write() as session:
            ends = clock.now() + timedelta(hours=1)
            row = Acknowledgement(
                incident_id=number, actor_id=1, actor="An", note="", at=clock.now(), ends_at=ends
            )
            session.add(row)

    def pump(self, rounds: int = 4) -> None:
        """Forward again and again across several group intervals."""
        for _ in range(rounds):
            self.forwarder.forward()
            self.pause(1.1)

    def pause(self, seconds: float) -> None:
        until = clock.monotonic() + seconds
        wait_until(lambda: clock.monotonic() >= until)

    def counts(self, number: int) -> tuple[int, int]:
        labels = {"incident": str(number)}
        return len(self.sink.of("firing", **labels)), len(self.sink.of("resolved", **labels))


def configuration(receiver: Sink) -> str:
    values = {"alertmanager": {"webhooks": [{"name": "sink", "url": receiver.url}]}}
    return render_alertmanager(Settings.model_validate(values, strict=False), QUICK)


@pytest.fixture
def chain(sqlite_database: Database, tmp_path: Path) -> Iterator[Chain]:
    with ExitStack() as stack:
        receiver = stack.enter_context(sink())
        url = stack.enter_context(alertmanager(tmp_path / "am", configuration(receiver)))
        client = stack.enter_context(httpx.Client(timeout=5))
        yield Chain(
            sqlite_database,
            Forwarder(sqlite_database, [Alertmanager(url, client)], EAGER),
            receiver,
            url,
        )


def test_one_incident_is_one_page_and_one_recovery(chain: Chain) -> None:
    number = chain.open_incident()
    chain.pump()
    assert chain.counts(number) == (1, 0)
    chain.change(number, element="device:core-1", name="core-1")
    chain.pump()
    assert chain.counts(number) == (1, 0), "a changed annotation paged"
    chain.resolve(number)
    chain.pump()
    assert chain.counts(number) == (1, 1)


def test_an_acknowledged_incident_recovers_once_and_its_relapse_pages(chain: Chain) -> None:
    number = chain.open_incident()
    chain.pump(2)
    chain.acknowledge(number)
    chain.pump(2)
    chain.resolve(number)
    chain.pump()
    assert chain.counts(number) == (1, 1)
    again = chain.open_incident()
    chain.pump()
    assert chain.counts(again) == (1, 0)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_restart_of_alertmanager_or_forwarder_pages_nobody(
    sqlite_database: Database, tmp_path: Path, end: signal.Signals
) -> None:
    with sink() as receiver, httpx.Client(timeout=5) as client:
        with alertmanager(tmp_path / "am", configuration(receiver), end=end) as url:
            chain = Chain(
                sqlite_database,
                Forwarder(sqlite_database, [Alertmanager(url, client)], EAGER),
                receiver,
                url,
            )
            number = chain.open_incident()
            chain.pump(2)
            log = tmp_path / "am" / "nflog"
            wait_until(lambda: log.exists() and log.stat().st_size > 0)
        port = int(url.rpartition(":")[2])
        with alertmanager(tmp_path / "am", configuration(receiver), port):
            chain = replace(
                chain, forwarder=Forwarder(sqlite_database, [Alertmanager(url, client)], EAGER)
            )
            chain.pump(3)
            assert chain.counts(number) == (1, 0)
            chain.resolve(number)
            chain.pump(3)
            assert chain.counts(number) == (1, 1)


def test_raw_alerts_page_only_once_the_heartbeat_stops(chain: Chain) -> None:
    moment = clock.now()
    raw = {"alertname": "DeviceUnreachable", "class": "state", "instance": "hub-1"}
    alert = {"labels": raw, "startsAt": text(moment), "endsAt": text(moment + timedelta(hours=1))}
    chain.forwarder.beat()
    httpx.post(f"{chain.url}/api/v2/alerts", json=[alert]).raise_for_status()
    for _ in range(4):
        chain.forwarder.beat()
        chain.pause(1)
    assert not chain.sink.notices
    wait_until(lambda: len(chain.sink.of("firing", alertname="DeviceUnreachable")) == 1)


def test_quiet_hours_hold_back_warnings_and_nothing_critical(tmp_path: Path) -> None:
    with sink() as receiver:
        values = {
            "alertmanager": {
                "webhooks": [{"name": "sink", "url": receiver.url}],
                "quiet_hours": [{"weekdays": list(hours.WEEKDAYS)}],
            }
        }
        written = render_alertmanager(Settings.model_validate(values, strict=False), QUICK)
        with alertmanager(tmp_path / "am", written) as url:
            for number, severity in enumerate(("warning", "critical"), 1):
                labels = {"alertname": "X", "correlated": "true", "incident": str(number)}
                alert = {"labels": {**labels, "severity": severity}}
                httpx.post(f"{url}/api/v2/alerts", json=[alert]).raise_for_status()
            wait_until(lambda: len(receiver.of("firing", incident="2")) == 1)
            until = clock.monotonic() + 3
            wait_until(lambda: clock.monotonic() >= until)
            assert not receiver.of("firing", incident="1")


def test_what_is_about_hatang_itself_pages_despite_the_heartbeat(chain: Chain) -> None:
    chain.forwarder.beat()
    labels = {"alertname": "HatangMonitorsDown", "class": "hatang", "severity": "critical"}
    httpx.post(f"{chain.url}/api/v2/alerts", json=[{"labels": labels}]).raise_for_status()
    wait_until(lambda: len(chain.sink.of("firing", alertname="HatangMonitorsDown")) == 1)


@pytest.mark.parametrize(
    "labels",
    [
        {"alertname": "a"},
        {"alertname": "DeviceUnreachable", "instance": "hub-1", "severity": "critical"},
        {"alertname": "Mất kết nối", "ten": "Xã Tân Lập", "Z": "1", "_": "x"},
    ],
)
def test_fingerprints_are_those_of_alertmanager(chain: Chain, labels: dict[str, str]) -> None:
    httpx.post(f"{chain.url}/api/v2/alerts", json=[{"labels": labels}]).raise_for_status()
    shown = httpx.get(f"{chain.url}/api/v2/alerts").json()
    assert [each["fingerprint"] for each in shown] == [fingerprint(labels)]
