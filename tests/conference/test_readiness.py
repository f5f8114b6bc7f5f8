"""Verdicts of points and meetings: unknown is never ready, one cause is one cause."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conference.choices import Check, CheckResult, Readiness
from conference.readiness import Cause, Outcome, judge

BRIDGE_OK = Outcome(None, Check.BRIDGE_REACHABLE, CheckResult.PASS)


def room_ok(room: str) -> Outcome:
    return Outcome(room, Check.ANSWERS, CheckResult.PASS)


def test_a_meeting_is_ready_when_bridge_and_all_points_are() -> None:
    verdict = judge(["a", "b"], frozenset(), [BRIDGE_OK, room_ok("a"), room_ok("b")])
    assert (verdict.verdict, verdict.ready, verdict.total) == (Readiness.READY, 2, 2)


def test_one_cut_uplink_is_one_cause_for_all_rooms_behind_it() -> None:
    cut = [Outcome(room, Check.SITE_REACHABLE, CheckResult.FAIL, "hub-2") for room in "abc"]
    verdict = judge(["a", "b", "c", "d"], frozenset(), [BRIDGE_OK, *cut, room_ok("d")])
    assert verdict.causes == (Cause("hub-2", 3),)
    assert verdict.ready == 1


def test_an_optional_point_that_fails_puts_the_meeting_at_risk() -> None:
    failed = Outcome("b", Check.REGISTERED, CheckResult.FAIL, "not registered")
    verdict = judge(["a", "b"], frozenset({"a"}), [BRIDGE_OK, room_ok("a"), failed])
    assert verdict.verdict is Readiness.AT_RISK


def test_a_required_point_that_fails_stops_the_meeting() -> None:
    failed = Outcome("a", Check.REGISTERED, CheckResult.FAIL, "not registered")
    verdict = judge(["a", "b"], frozenset({"a"}), [BRIDGE_OK, failed, room_ok("b")])
    assert verdict.verdict is Readiness.NOT_READY


def test_a_dead_bridge_leaves_no_point_ready() -> None:
    dead = Outcome(None, Check.BRIDGE_REACHABLE, CheckResult.FAIL, "bridge mcu-1: timeout")
    verdict = judge(["a"], frozenset(), [dead, room_ok("a")])
    assert (verdict.verdict, verdict.ready) == (Readiness.NOT_READY, 0)


def test_a_room_nobody_measured_is_unknown() -> None:
    verdict = judge(["a"], frozenset({"a"}), [BRIDGE_OK])
    assert verdict.verdict is Readiness.UNKNOWN


def test_without_a_word_from_the_bridge_nothing_is_ready() -> None:
    assert judge(["a"], frozenset(), [room_ok("a")]).verdict is Readiness.UNKNOWN


OUTCOMES = st.builds(
    Outcome,
    room=st.sampled_from([None, "a", "b", "c"]),
    check=st.sampled_from(Check),
    result=st.sampled_from(CheckResult),
    cause=st.sampled_from(["", "hub-1", "hub-2"]),
)


@given(st.lists(OUTCOMES, max_size=12))
def test_ready_means_that_every_check_passed(outcomes: list[Outcome]) -> None:
    verdict = judge(["a", "b", "c"], frozenset({"a"}), outcomes)
    if verdict.verdict is Readiness.READY:
        assert all(outcome.result is CheckResult.PASS for outcome in outcomes)
        assert verdict.ready == 3


@given(st.lists(OUTCOMES, max_size=12), OUTCOMES)
def test_one_more_failure_never_makes_a_meeting_readier(
    outcomes: list[Outcome], more: Outcome
) -> None:
    failing = Outcome(more.room, more.check, CheckResult.FAIL, more.cause)
    before = judge(["a", "b", "c"], frozenset({"a"}), outcomes)
    after = judge(["a", "b", "c"], frozenset({"a"}), [*outcomes, failing])
    assert after.ready <= before.ready
    assert after.verdict is not Readiness.READY
