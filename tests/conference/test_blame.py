"""Twelve points behind one poor line have one cause; a line that works for one is innocent."""

from __future__ import annotations

from conference.blame import blamed, blamed_lines
from conference.choices import Check, CheckResult
from conference.lines import Line
from conference.readiness import Outcome

LINES = {key: Line(key, key) for key in ("core", "hub-3", "a", "b", "c")}
WAYS = {"a": ("a", "hub-3", "core"), "b": ("b", "hub-3", "core"), "c": ("c", "core")}


def causes(**results: CheckResult) -> dict[str, str]:
    outcomes = [Outcome(room, Check.PATH, result, "own") for room, result in results.items()]
    return {one.room or "": one.cause for one in blamed(outcomes, WAYS, LINES)}


def test_points_that_fail_behind_one_line_share_its_name() -> None:
    found = causes(a=CheckResult.FAIL, b=CheckResult.WARN, c=CheckResult.PASS)
    assert found["a"] == found["b"] == "uplink hub-3: the way is poor"


def test_a_point_that_fails_alone_keeps_its_own_cause() -> None:
    assert causes(a=CheckResult.FAIL, b=CheckResult.PASS, c=CheckResult.PASS)["a"] == "own"


def test_all_that_fail_share_the_line_nearest_to_the_bridge() -> None:
    found = causes(a=CheckResult.FAIL, b=CheckResult.FAIL, c=CheckResult.FAIL)
    assert set(found.values()) == {"uplink core: the way is poor"}


def test_one_poor_point_has_its_own_line_when_one_is_enough() -> None:
    ways = {"a": ("own-a", "shared"), "b": ("own-b", "shared")}
    assert blamed_lines(["a"], ["b"], ways, at_least=1) == {"a": "own-a"}
    assert blamed_lines(["a"], ["b"], ways) == {}
