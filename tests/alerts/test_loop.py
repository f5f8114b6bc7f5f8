from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from alerts import intake, lease
from alerts.alertmanager import Alertmanager
from alerts.forwarder import HEARTBEAT, Forwarder
from alerts.loop import WATCHDOG, AlertsLoop, Sources, build
from alerts.step import DUTY, LEASE, StepOptions
from alerts.topology import InventoryView
from alerts.verifying import MonitorVerifier
from hatang import clock
from hatang.auth import Actor
from hatang.errors import UnavailableError
from hatang.settings import Settings
from inventory.network import Network
from inventory.topology import Topology
from tests.alerts.tools import wait_until

if TYPE_CHECKING:
    from hatang.db import Database
    from monitors.client import KnownState
    from monitors.elements import Element


class Silent:
    async def verify(self, element: Element) -> KnownState:
        raise UnavailableError(f"no look at {element}")


class Bench:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.names: list[str] = []
        client = httpx.Client(transport=httpx.MockTransport(self._take))
        self.client = client
        self.loop: AlertsLoop = build(database, Settings(), Silent(), client, "a")

    def _take(self, request: httpx.Request) -> httpx.Response:
        self.names += [each["labels"]["alertname"] for each in json.loads(request.content)]
        return httpx.Response(200)

    def hear_watchdog(self) -> None:
        alert = {"labels": {"alertname": WATCHDOG, "severity": "none"}}
        with self.database.write() as session:
            intake.ingest(session, Actor.system("prometheus"), intake.read("prometheus", [alert]))


@pytest.fixture
def bench(sqlite_database: Database) -> Bench:
    return Bench(sqlite_database)


@pytest.mark.slow
def test_the_heart_beats_while_the_whole_chain_works(bench: Bench) -> None:
    bench.hear_watchdog()
    assert bench.loop.tick()
    assert bench.names == [HEARTBEAT]


def test_the_heart_stops_when_alerts_no_longer_arrive_at_our_door(bench: Bench) -> None:
    assert bench.loop.tick()
    assert bench.names == []


def test_nothing_is_dialled_while_notification_is_turned_off(bench: Bench) -> None:
    bench.hear_watchdog()
    off = Settings.model_validate({"alertmanager": {"run": False}})
    assert build(bench.database, off, Silent(), bench.client, "a").tick()
    assert bench.names == []


def test_who_does_not_lead_sends_nothing(bench: Bench) -> None:
    bench.hear_watchdog()
    with bench.database.write() as session:
        lease.hold(session, DUTY, "another", LEASE)
    assert not bench.loop.tick()
    assert bench.names == []


def test_a_failing_step_sends_no_heartbeat(bench: Bench) -> None:
    bench.hear_watchdog()
    with bench.database.write() as session:
        session.connection().exec_driver_sql("DROP TABLE alerts_pending")
    assert not bench.loop.tick()
    assert bench.names == []


def test_an_alertmanager_that_hangs_delays_no_correlation(bench: Bench) -> None:
    """While one call hangs, further steps are taken, and all ends in time."""
    hangs, stop = threading.Event(), threading.Event()
    steps: list[bool] = []

    def hang(_request: httpx.Request) -> httpx.Response:
        hangs.set()
        stop.wait(10)
        return httpx.Response(200)

    def topology(_session: object) -> InventoryView:
        steps.append(hangs.is_set())
        return InventoryView(Topology(Network()), {}, {})

    client = httpx.Client(transport=httpx.MockTransport(hang))
    forwarder = Forwarder(bench.database, [Alertmanager("http://am", client)])
    sources = Sources(topology, MonitorVerifier(Silent()))
    loop = AlertsLoop(bench.database, sources, forwarder, StepOptions("a"))
    runner = threading.Thread(target=loop.run, args=(stop, 0.01))
    runner.start()
    wait_until(lambda: sum(steps) > 3)
    stop.set()
    runner.join(10)
    assert not runner.is_alive()


def test_the_lead_is_handed_over(bench: Bench) -> None:
    with clock.frozen(clock.now()), bench.database.write() as session:
        assert lease.hold(session, DUTY, "a", timedelta(minutes=1))
        assert not lease.hold(session, DUTY, "b", timedelta(minutes=1))
        lease.release(session, DUTY, "a")
        session.flush()
        assert lease.hold(session, DUTY, "b", timedelta(minutes=1))
