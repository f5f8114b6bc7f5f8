"""Lines are judged for all points at once; what is not known is never called enough."""

from __future__ import annotations

from conference.choices import CheckResult
from conference.headroom import loads, need_bps
from conference.lines import Line

UPLINK = Line("circuit:u", "u", 10_000, 10_000, 0.0, 0.0, 4)
OWN = Line("circuit:o", "o", 4_000, 4_000, 0.0, 0.0, 4)
LINES = {line.key: line for line in (UPLINK, OWN)}


def of(line: Line, rooms: int, each: int = 2_000_000, reserved: int = 0) -> list[CheckResult]:
    ways = {f"room-{number}": [line.key] for number in range(rooms)}
    return [load.result for load in loads(ways, {line.key: line}, each, {line.key: reserved})]


def test_six_calls_of_two_megabit_do_not_fit_through_ten() -> None:
    assert of(UPLINK, 6) == [CheckResult.FAIL, CheckResult.FAIL]


def test_five_do() -> None:
    assert of(UPLINK, 5) == [CheckResult.PASS, CheckResult.PASS]


def test_what_other_meetings_take_is_not_free() -> None:
    assert of(UPLINK, 5, reserved=1) == [CheckResult.FAIL, CheckResult.FAIL]


def test_what_usually_runs_at_that_hour_is_not_free() -> None:
    busy = Line("circuit:b", "b", 10_000, 10_000, 0.0, 9_000_000.0, 4)
    assert of(busy, 1) == [CheckResult.PASS, CheckResult.FAIL]


def test_a_line_of_which_the_usual_load_is_not_known_does_not_pass() -> None:
    assert of(Line("circuit:n", "n", 10_000, 10_000), 1) == [CheckResult.SKIP] * 2


def test_a_line_that_is_too_narrow_for_the_calls_alone_fails_unmeasured() -> None:
    assert of(Line("circuit:n", "n", 1_000, 1_000), 1) == [CheckResult.FAIL] * 2


def test_a_line_without_a_rate_is_not_judged() -> None:
    assert of(Line("link:1", "n"), 1) == [CheckResult.SKIP] * 2


def test_a_line_passed_twice_by_one_way_carries_the_call_once() -> None:
    found = loads({"room": ["circuit:u", "circuit:u"]}, LINES, 1, None)
    assert [load.need_bps for load in found] == [1, 1]


def test_a_call_needs_a_fifth_more_than_its_media() -> None:
    assert need_bps(2048, 512) == ((2048 + 512 + 64) * 1200)
