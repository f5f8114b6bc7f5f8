"""NTP, STAMP, ping and IP SLA: clocks, losses, delays."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from hatang.drivers.protocols import PingResult
from hatang.errors import Reason
from monitors.choices import Cause, State
from monitors.probes import ntp, sla
from monitors.probes.result import Means
from monitors.probes.stamp import Reflected, StampOptions, judged
from monitors.service_watch import judge
from tests.monitors.fakes import FakeDevice, FakeSip
from tests.monitors.probes.servers import LOCAL, ask, hearing, means, reflector, time_server

if TYPE_CHECKING:
    from monitors.probes.running import ProbeResult

JITTER = "1.3.6.1.4.1.9.9.42.1.5.2.1."


def heard(scheme: str, answer: Any, **options: Any) -> ProbeResult:
    async def run() -> ProbeResult:
        async with hearing(answer) as port:
            return await ask(scheme, f"{scheme}://{LOCAL}:{port}", timeout=0.5, **options)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ({}, Cause.ANSWERED),
        ({"offset": 3.0}, Cause.CLOCK_OFF),
        ({"offset": -3.0}, Cause.CLOCK_OFF),
        ({"stratum": 12}, Cause.CLOCK_OFF),
        ({"stratum": 16}, Cause.NOT_SYNCHRONISED),
        ({"leap": 3}, Cause.NOT_SYNCHRONISED),
    ],
)
def test_a_time_server_is_judged_by_its_offset_and_its_stratum(
    told: dict[str, Any], cause: Cause
) -> None:
    result = heard("ntp", time_server(**told), max_offset_seconds=1.0)
    assert result.cause is cause
    assert result.values["hatang_probe_ntp_offset_seconds"] == pytest.approx(
        told.get("offset", 0.0), abs=0.2
    )


def test_a_kiss_of_death_is_a_refusal() -> None:
    assert heard("ntp", time_server(stratum=0)).reason is Reason.REJECTED


@pytest.mark.slow
def test_a_time_for_somebody_else_is_not_heard() -> None:
    def forged(data: bytes) -> list[bytes]:
        return time_server()(data[:40] + bytes(8))

    assert heard("ntp", forged).reason is Reason.TIMEOUT


def test_timestamps_of_the_next_era_are_read_as_such() -> None:
    after = 2_085_978_500.0  # 2036-02-07, just after the first era ends
    stamp = int((after + ntp.NTP_EPOCH) * 2**32) & (2**64 - 1)
    assert ntp.unix(stamp, after + 60) == pytest.approx(after)


def test_a_good_way_has_no_loss_either_way() -> None:
    result = heard("stamp", reflector(), count=10, interval_seconds=0.005)
    assert result.cause is Cause.ANSWERED
    assert result.values["hatang_probe_loss_ratio"] == 0
    assert result.values['hatang_probe_way_loss_ratio{direction="forward"}'] == 0


@pytest.mark.slow
def test_a_way_that_loses_is_degraded() -> None:
    dropping = reflector(drop=lambda number: number % 5 == 0)
    result = heard("stamp", dropping, count=10, interval_seconds=0.005)
    assert (result.cause, judge(result).state) == (Cause.PATH_POOR, State.DEGRADED)
    assert result.values["hatang_probe_loss_ratio"] == pytest.approx(0.2)
    # A stateless reflector cannot say where the packets were lost, so nothing is said.
    assert 'hatang_probe_way_loss_ratio{direction="forward"}' not in result.values


def test_a_reflector_that_counts_tells_on_which_way_packets_were_lost() -> None:
    options = StampOptions(count=10, stateful=True)
    # Ten were sent, the reflector counted eight, of which six came back.
    packets = {n: Reflected(n, 7 if n == 5 else n, 0.01, 0.0, 0.0) for n in range(6)}
    values = judged(packets, options).values
    assert values['hatang_probe_way_loss_ratio{direction="forward"}'] == pytest.approx(0.2)
    assert values['hatang_probe_way_loss_ratio{direction="backward"}'] == pytest.approx(0.25)


def test_jitter_is_told_for_each_way_whatever_the_clocks_say() -> None:
    packets = {n: Reflected(n, n, 0.01, 1000 + 0.04 * (n % 2), -1000.0) for n in range(4)}
    answer = judged(packets, StampOptions(count=4))
    assert answer.values['hatang_probe_jitter_seconds{direction="forward"}'] == pytest.approx(0.04)
    assert answer.values['hatang_probe_jitter_seconds{direction="backward"}'] == 0
    assert answer.cause is Cause.PATH_POOR


class Lossy:
    def __init__(self, *, received: int = 5, rtt: float = 0.01, jitter: float = 0.001) -> None:
        self.found = PingResult(LOCAL, 5, received, rtt, rtt, rtt, jitter)

    async def ping(
        self, addresses: Any, *, count: int = 3, timeout_seconds: float = 2.0
    ) -> dict[str, PingResult]:
        return {LOCAL: self.found}


@pytest.mark.parametrize(
    ("pinger", "cause"),
    [
        (Lossy(), Cause.ANSWERED),
        (Lossy(received=4), Cause.PATH_POOR),
        (Lossy(rtt=0.5), Cause.PATH_POOR),
        (Lossy(jitter=0.2), Cause.PATH_POOR),
    ],
)
def test_an_echo_says_how_good_the_way_is(pinger: Lossy, cause: Cause) -> None:
    options = {
        "count": 5,
        "max_loss_ratio": 0.1,
        "max_rtt_seconds": 0.3,
        "max_jitter_seconds": 0.05,
    }
    given = Means(pinger, FakeSip())
    assert asyncio.run(ask("ping", f"ping://{LOCAL}", given, **options)).cause is cause


def sla_of(cells: dict[int, int]) -> ProbeResult:
    device = FakeDevice(scalars={f"{JITTER}{column}.7": value for column, value in cells.items()})
    url = f"snmp://{LOCAL}"
    return asyncio.run(ask("sla", url, means(device), test="7", credential="agent"))


def test_a_routers_own_test_is_read_and_judged() -> None:
    good = sla_of({1: 1000, 2: 20_000, 26: 1, 27: 1, 29: 0, 31: 1, 42: 420})
    assert good.cause is Cause.ANSWERED
    assert good.values["hatang_probe_rtt_seconds"] == pytest.approx(0.02)
    assert good.values["hatang_probe_mos"] == pytest.approx(4.2)
    assert sla_of({1: 90, 26: 10, 31: 1}).cause is Cause.PATH_POOR


def test_a_routers_test_in_microseconds_is_read_as_such() -> None:
    cells = {f"{JITTER}1.7": 1000, f"{JITTER}2.7": 20_000_000, f"{JITTER}31.7": 1}
    precision = {"1.3.6.1.4.1.9.9.42.1.2.2.1.37.7": 2}
    found = told("cisco-udp-jitter", "7", cells | precision)
    assert found.values["hatang_probe_rtt_seconds"] == pytest.approx(0.02)


def test_the_jitter_of_each_way_is_told() -> None:
    values = sla_of({1: 1000, 2: 20_000, 31: 1, 44: 3, 45: 5}).values
    assert values['hatang_probe_jitter_seconds{direction="forward"}'] == pytest.approx(0.003)
    assert values['hatang_probe_jitter_seconds{direction="backward"}'] == pytest.approx(0.005)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({}, Reason.REJECTED),
        ({1: 0, 31: 4}, Reason.TIMEOUT),
        ({1: 0, 31: 6}, Reason.UNREACHABLE),
        ({1: 0, 31: 1}, Reason.TIMEOUT),
    ],
)
def test_a_routers_test_that_is_none_or_failed_is_bad(
    cells: dict[int, int], reason: Reason
) -> None:
    assert sla_of(cells).reason is reason


def test_what_the_router_does_not_say_is_absent_and_not_nothing() -> None:
    values = sla_of({1: 100, 31: 1}).values
    assert "hatang_probe_rtt_seconds" not in values
    assert "hatang_probe_mos" not in values


ECHO, PING = "1.3.6.1.4.1.9.9.42.1.2.10.1", "1.3.6.1.2.1.80.1.3.1"


def told(family: str, test: str, cells: dict[str, int]) -> ProbeResult:
    device = FakeDevice(scalars=dict(cells))
    url, given = f"snmp://{LOCAL}", means(device)
    return asyncio.run(ask("sla", url, given, test=test, family=family, credential="agent"))


@pytest.mark.parametrize("sense", [1, 3])
def test_a_routers_single_echo_tells_its_time_and_no_loss(sense: int) -> None:
    found = told("cisco-echo", "200", {f"{ECHO}.1.200": 25, f"{ECHO}.2.200": sense})
    assert found.cause is Cause.ANSWERED
    assert found.values["hatang_probe_rtt_seconds"] == pytest.approx(0.025)
    assert "hatang_probe_loss_ratio" not in found.values


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({f"{ECHO}.1.200": 0, f"{ECHO}.2.200": 4}, Reason.TIMEOUT),
        ({f"{ECHO}.1.200": 0, f"{ECHO}.2.200": 6}, Reason.UNREACHABLE),
        ({f"{ECHO}.1.200": 25}, Reason.REJECTED),
        ({f"{ECHO}.1.200": 25, f"{ECHO}.2.200": 9}, Reason.REJECTED),
        ({}, Reason.REJECTED),
    ],
)
def test_a_single_echo_that_did_not_go_well_is_bad(cells: dict[str, int], reason: Reason) -> None:
    assert told("cisco-echo", "200", cells).reason is reason


def test_a_test_of_the_standard_mib_is_found_by_owner_and_name() -> None:
    row = "3.110.109.115.3.119.97.110"  # nms, wan
    cells = {f"{PING}.6.{row}": 12, f"{PING}.7.{row}": 19, f"{PING}.8.{row}": 20}
    found = told("disman-ping", "nms/wan", cells)
    assert found.cause is Cause.PATH_POOR
    assert found.values["hatang_probe_loss_ratio"] == pytest.approx(0.05)
    assert found.values["hatang_probe_rtt_seconds"] == pytest.approx(0.012)
    assert told("disman-ping", "nms/lan", cells).reason is Reason.REJECTED


def test_the_families_of_such_tests_are_data() -> None:
    assert all({"received", "rtt"} & set(one.columns) for one in sla.families().values())
