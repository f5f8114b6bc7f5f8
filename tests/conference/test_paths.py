"""Ways are measured gently, and judged by no more than the packets can tell."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.choices import CheckResult
from conference.lines import Line
from conference.paths import SHARE, audio_r, judge_dscp, judge_echoes, judge_path, staggered
from conference.service.known import DEFAULT_TERMS
from conference.service.paths import _Found, _judged
from monitors.paths import Measured, Sending

GOOD = Measured(
    sent=600,
    received=600,
    rtt_seconds=0.02,
    jitter_forward_seconds=0.001,
    jitter_backward_seconds=0.001,
    dscp_sent=34,
    dscp_there=(34,),
)


@pytest.mark.parametrize(
    ("change", "result", "why"),
    [
        ({}, CheckResult.PASS, ""),
        ({"received": 597}, CheckResult.PASS, ""),
        ({"received": 595}, CheckResult.WARN, "loss"),
        ({"received": 590}, CheckResult.FAIL, "loss"),
        ({"jitter_forward_seconds": 0.025}, CheckResult.WARN, "jitter"),
        ({"jitter_backward_seconds": 0.031}, CheckResult.FAIL, "jitter"),
        ({"rtt_seconds": 0.31}, CheckResult.FAIL, "rtt"),
        ({"longest_gap_seconds": 3.0}, CheckResult.FAIL, "gap"),
        ({"received": 0}, CheckResult.FAIL, "nothing_returns"),
        ({"sent": 0, "received": 0, "reason": "timeout"}, CheckResult.UNKNOWN, "timeout"),
        ({"sent": 20, "received": 20}, CheckResult.UNKNOWN, "loss"),
        ({"sent": 20, "received": 19}, CheckResult.WARN, "loss"),
        ({"sent": 20, "received": 18}, CheckResult.FAIL, "loss"),
    ],
)
def test_a_way_is_judged_by_its_worst_figure(
    change: dict[str, object], result: CheckResult, why: str
) -> None:
    found = judge_path(replace(GOOD, **change))  # type: ignore[arg-type]
    assert (found.result, found.why) == (result, why)


ECHOED = replace(GOOD, method="icmp", dscp_there=(), jitter_backward_seconds=None)


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ({}, CheckResult.PASS),
        ({"received": 300}, CheckResult.WARN),
        ({"rtt_seconds": 2.0}, CheckResult.WARN),
        ({"received": 0}, CheckResult.SKIP),
        ({"sent": 0, "received": 0, "reason": "not_supported"}, CheckResult.SKIP),
        ({"sent": 20, "received": 20}, CheckResult.SKIP),
        ({"sent": 20, "received": 10}, CheckResult.WARN),
    ],
)
def test_echoes_warn_and_never_fail_a_way(change: dict[str, object], result: CheckResult) -> None:
    assert judge_echoes(replace(ECHOED, **change)).result is result  # type: ignore[arg-type]


def test_a_test_that_tells_no_jitter_passes_no_way() -> None:
    untold = replace(GOOD, jitter_forward_seconds=None, jitter_backward_seconds=None)
    assert judge_path(untold).result is CheckResult.SKIP


POINT: Any = SimpleNamespace(room="r", name="R", reflector="stamp://r:862")
SILENT = replace(GOOD, received=0, rtt_seconds=None)


@pytest.mark.parametrize(("echoed", "result"), [(20, "warn"), (0, "fail")])
def test_a_silent_reflector_fails_a_way_on_which_no_echo_comes_back_either(
    echoed: int, result: str
) -> None:
    echoes = replace(ECHOED, sent=20, received=echoed)
    path, _ = _judged(POINT, _Found(SILENT, echoes), None, DEFAULT_TERMS)
    assert path.result == result


def test_the_method_and_the_number_of_packets_stand_beside_each_figure() -> None:
    path, _ = _judged(POINT, _Found(replace(GOOD, method="ipsla")), None, DEFAULT_TERMS)
    assert (path.measured["method"], path.measured["source"], path.measured["n"]) == (
        "ipsla",
        "ipsla",
        600,
    )


def test_the_number_of_packets_stands_beside_the_loss() -> None:
    assert judge_path(GOOD).measured["n"] == 600


@pytest.mark.parametrize(
    ("there", "result"),
    [((34,), "pass"), ((0,), "warn"), ((0, 34), "warn"), ((), "skip")],
)
def test_a_class_that_did_not_arrive_is_found(there: tuple[int, ...], result: str) -> None:
    assert judge_dscp(replace(GOOD, dscp_there=there)).result == result


def test_a_way_that_a_meeting_uses_has_its_class_skipped_too() -> None:
    point: Any = SimpleNamespace(room="r", reflector="stamp://r:862")
    found = _judged(point, _Found(is_used=True), None, DEFAULT_TERMS)
    assert [(one.check, one.result) for one in found] == [("path", "skip"), ("qos_dscp", "skip")]


@pytest.mark.parametrize(("loss", "r"), [(0.0, 90.8), (0.01, 87.2), (0.03, 80.7), (0.1, 63.7)])
def test_the_estimate_of_sound_agrees_with_the_e_model(loss: float, r: float) -> None:
    assert audio_r(loss, 0.1) == pytest.approx(r, abs=0.1)


@given(
    st.lists(st.sampled_from(["a", "b", "ab", ""]), max_size=40),
    st.sampled_from([256, 2_000, 10_000]),
)
def test_measurements_never_take_more_than_a_tenth_of_a_line(ways: list[str], kbps: int) -> None:
    lines = {name: Line(name, name, kbps, 2 * kbps) for name in "ab"}
    wanted = [Sending(str(number), "stamp://r:862", 600, 0.02) for number in range(len(ways))]
    by_key = {str(number): [lines[name] for name in way] for number, way in enumerate(ways)}
    planned = staggered(wanted, by_key)
    for line in lines.values():
        over = [one for one in planned if line in by_key[one.key]]
        for at in [one.after for one in over]:
            taken = sum(one.bps for one in over if one.after <= at < one.after + one.seconds)
            assert taken <= SHARE * kbps * 1000


def test_two_hundred_points_are_sent_in_waves_that_one_machine_manages() -> None:
    wanted = [Sending(str(number), "stamp://r:862", 600, 0.02) for number in range(215)]
    planned = staggered(wanted, {})
    assert max(one.after + one.seconds for one in planned) == pytest.approx(36.0)


@pytest.mark.parametrize(("is_within_site", "at_once"), [(False, 7), (True, 74)])
def test_a_cable_of_unknown_speed_is_spared_less_where_it_leaves_no_site(
    is_within_site: bool, at_once: int
) -> None:
    cable = Line("link:1", "dc – dc", is_within_site=is_within_site)
    wanted = [Sending(str(number), "", 20, 0.05, 0) for number in range(215)]
    planned = staggered(wanted, {one.key: [cable] for one in wanted})
    assert sum(one.after == 0 for one in planned) == at_once
