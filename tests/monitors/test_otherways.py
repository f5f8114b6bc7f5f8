"""Ways measured without a reflector: a router's own test, and echoes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from hatang.drivers.target import SnmpCommunity
from hatang.errors import Reason
from monitors.echoes import Echoes, echoes
from monitors.routertests import RouterAim, aims, is_test, router_tests
from monitors.targets import DeviceTarget
from tests.monitors.fakes import FakeDevice, FakeNetwork

if TYPE_CHECKING:
    from hatang.db import Database
    from monitors.paths import Measured

ADDRESS = "192.0.2.9"
TARGET = DeviceTarget("d", "d", "", "", "", ADDRESS, snmp=SnmpCommunity("public", "test"))
JITTER = "1.3.6.1.4.1.9.9.42.1.5.2.1."
AT, UP_TIME = "1.3.6.1.4.1.9.9.42.1.2.10.1.5.10", "1.3.6.1.2.1.1.3.0"
GOOD = {
    f"{JITTER}{column}.10": value
    for column, value in {1: 990, 2: 19_800, 26: 6, 27: 4, 31: 1, 44: 3, 45: 5}.items()
} | {AT: 5_000, UP_TIME: 5_100}
NQA = RouterAim("disman-ping", "nms/wan", TARGET)
NQA_ROW = f"1.3.6.1.2.1.80.1.3.1.{{}}.3.{'.'.join(map(str, b'nms'))}.3.{'.'.join(map(str, b'wan'))}"


def asked(cells: dict[str, Any], aim: RouterAim | None = None) -> Measured:
    network = FakeNetwork({ADDRESS: FakeDevice(scalars=cells)})
    wanted = {"room": aim or RouterAim("cisco-udp-jitter", "10", TARGET)}
    return asyncio.run(router_tests(wanted, network))["room"]


def test_a_routers_test_is_a_measured_way_with_its_number_of_packets() -> None:
    found = asked(GOOD)
    assert (found.method, found.sent, found.received) == ("ipsla", 1000, 990)
    assert found.rtt_seconds == pytest.approx(0.02)
    assert (found.jitter_forward_seconds, found.jitter_backward_seconds) == (0.003, 0.005)
    assert found.longest_gap_seconds is None


@pytest.mark.parametrize(("ago_seconds", "reason"), [(60, ""), (1000, "old")])
def test_a_test_that_did_not_run_lately_says_nothing_of_now(ago_seconds: int, reason: str) -> None:
    found = asked(GOOD | {AT: 5_000, UP_TIME: 5_000 + 100 * ago_seconds})
    assert (found.reason, found.age_seconds) == (reason, ago_seconds)


@pytest.mark.parametrize("sense", [1, 4])
def test_a_way_on_which_all_is_lost_is_measured(sense: int) -> None:
    none_back = {f"{JITTER}{column}.10": value for column, value in {1: 0, 29: 600}.items()}
    found = asked(
        GOOD | none_back | {f"{JITTER}26.10": 0, f"{JITTER}27.10": 0, f"{JITTER}31.10": sense}
    )
    assert (found.sent, found.received, found.reason) == (600, 0, "")


def test_a_test_that_failed_and_counts_nothing_is_no_measurement() -> None:
    found = asked({f"{JITTER}31.10": 4, AT: 5_000, UP_TIME: 5_100})
    assert (found.sent, found.reason) == (0, Reason.TIMEOUT)


@pytest.mark.parametrize(("status", "told"), [(1, (20, "")), (2, (0, "old")), (None, (0, "old"))])
def test_a_test_of_no_told_age_counts_while_it_goes_on(
    status: int | None, told: tuple[int, str]
) -> None:
    cells = {NQA_ROW.format(6): 12, NQA_ROW.format(7): 20, NQA_ROW.format(8): 20}
    found = asked(cells | ({} if status is None else {NQA_ROW.format(1): status}), NQA)
    assert (found.sent, found.reason) == told


def test_the_age_of_a_test_survives_that_the_agents_clock_began_anew() -> None:
    assert asked(GOOD | {AT: 2**32 - 1000, UP_TIME: 5_000}).age_seconds == 60.0


@pytest.mark.parametrize(
    ("aim", "cells", "reason"),
    [
        (None, {}, Reason.REJECTED),
        (RouterAim("nobody", "10", TARGET), {}, Reason.NOT_SUPPORTED),
        (RouterAim("cisco-udp-jitter", "10", problem="no such device"), {}, "no such device"),
    ],
)
def test_a_test_that_cannot_be_read_says_why(
    aim: RouterAim | None, cells: dict[str, Any], reason: str
) -> None:
    found = asked(cells, aim)
    assert (found.sent, found.reason) == (0, reason)


def test_a_test_is_that_of_a_device_with_its_own_login(sqlite_database: Database) -> None:
    with sqlite_database.read() as session:
        found = aims(session, {"room": "sla://rtr-01/nms/wan?family=disman-ping"})
    assert found["room"] == RouterAim("disman-ping", "nms/wan", None, "no such device")
    assert found["room"].method == "nqa"
    assert is_test("sla://rtr-01/10")
    assert not is_test("stamp://10.1.2.3:862")


@pytest.mark.parametrize(("answering", "received"), [(True, 5), (False, 0)])
def test_echoes_are_counted(answering: bool, received: int) -> None:
    network = FakeNetwork({ADDRESS: FakeDevice(echo=answering)})
    burst = Echoes("room", ADDRESS, 5, 0.01)
    found = asyncio.run(echoes([burst], pinger=network))["room"]
    assert (found.method, found.sent, found.received) == ("icmp", 5, received)


def test_an_address_of_this_machine_gets_no_echoes() -> None:
    burst = Echoes("room", "127.0.0.1", 5, 0.01)
    assert asyncio.run(echoes([burst]))["room"].reason == Reason.REJECTED
