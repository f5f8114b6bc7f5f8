from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from monitors.choices import Cause, ElementKind, State, worst
from monitors.elements import Element
from monitors.state import ElementState, Measurement, Policy, Transition, expire, lose, observe

START = datetime(2026, 1, 1, tzinfo=UTC)
ELEMENT = Element(ElementKind.DEVICE, "7")
PING = Policy(confirm=3, stale_after_seconds=180)
CAUSES = {
    State.GOOD: Cause.ANSWERED,
    State.DEGRADED: Cause.SNMP_SILENT,
    State.BAD: Cause.TIMEOUT,
    State.UNKNOWN: Cause.PROBE_FAULT,
}


def look(state: State, seconds: float) -> Measurement:
    return Measurement(state, CAUSES[state], START + timedelta(seconds=seconds))


def run(
    looks: list[tuple[State, float]], policy: Policy = PING
) -> tuple[ElementState, list[Transition]]:
    current, transitions = ElementState(), []
    for state, seconds in looks:
        current, transition = observe(ELEMENT, current, look(state, seconds), policy)
        transitions += [transition] if transition else []
    return current, transitions


def test_one_lost_packet_is_no_transition_but_asks_for_another_look() -> None:
    current, transitions = run([(State.GOOD, 0), (State.BAD, 60)])
    assert len(transitions) == 1
    assert current.state is State.GOOD
    assert current.is_pending


def test_three_lost_packets_in_a_row_are_bad() -> None:
    current, transitions = run([(State.GOOD, 0), *((State.BAD, 60 + n) for n in range(3))])
    assert [t.to_state for t in transitions] == [State.GOOD, State.BAD]
    assert transitions[-1].at == START + timedelta(seconds=62)
    assert not current.is_pending


def test_an_answer_between_losses_starts_the_count_again() -> None:
    looks = [State.GOOD, State.BAD, State.BAD, State.GOOD, State.BAD, State.BAD]
    current, _ = run([(state, n) for n, state in enumerate(looks)])
    assert current.state is State.GOOD


def test_doubt_about_a_device_never_measured_leaves_it_unknown() -> None:
    current, transitions = run([(State.BAD, 0)])
    assert (current.state, transitions) == (State.UNKNOWN, [])


def test_recovery_takes_one_fresh_good_measurement() -> None:
    current, _ = run([*((State.BAD, n) for n in range(3)), (State.GOOD, 60)])
    assert current.state is State.GOOD


def test_silence_of_the_monitor_becomes_unknown_and_never_good() -> None:
    current, _ = run([(State.GOOD, 0)])
    held, none = expire(ELEMENT, current, START + timedelta(seconds=180), PING)
    lost, transition = expire(ELEMENT, current, START + timedelta(seconds=181), PING)
    assert (held.state, none) == (State.GOOD, None)
    assert lost.state is State.UNKNOWN
    assert transition is not None
    assert transition.cause is Cause.STALE


def test_a_late_answer_of_the_past_changes_nothing() -> None:
    current, transitions = run([(State.GOOD, 10), (State.DEGRADED, 5)])
    assert (current.state, len(transitions)) == (State.GOOD, 1)


def test_an_element_that_keeps_changing_is_flapping_until_it_settles() -> None:
    policy = Policy(flap_changes=4, flap_settle_seconds=100)
    flips = [(State.BAD if n % 2 else State.GOOD, n * 10.0) for n in range(8)]
    current, transitions = run(flips, policy)
    assert (current.state, current.cause) == (State.DEGRADED, Cause.FLAPPING)
    assert len(transitions) == 5
    settled, _ = run([*flips, (State.BAD, 80), (State.BAD, 171)], policy)
    assert (settled.state, settled.cause) == (State.BAD, Cause.TIMEOUT)


def test_packets_lost_one_by_one_are_no_flapping() -> None:
    looks = [(State.BAD if n % 2 else State.GOOD, n * 10.0) for n in range(30)]
    current, transitions = run(looks)
    assert (current.state, len(transitions)) == (State.GOOD, 1)


def test_an_element_lost_with_its_device_is_unknown_at_once() -> None:
    current, _ = run([(State.GOOD, 0)])
    lost, transition = lose(ELEMENT, current, Cause.DEVICE_SILENT, START + timedelta(seconds=5))
    assert lost.state is State.UNKNOWN
    assert transition is not None
    assert transition.at == START + timedelta(seconds=5)


def test_a_group_is_never_good_with_an_unknown_in_it_and_a_fault_is_not_hidden_by_one() -> None:
    assert worst([State.GOOD, State.UNKNOWN]) is State.UNKNOWN
    assert worst([State.BAD, State.UNKNOWN, State.GOOD]) is State.BAD
    assert worst([]) is State.UNKNOWN


steps = st.lists(
    st.tuples(
        st.sampled_from([*State, "wait"]),
        st.floats(0, 400, allow_nan=False),
    ),
    max_size=40,
)


@settings(deadline=None)
@given(steps, st.integers(1, 4))
def test_every_transition_is_backed_by_what_happened_then(
    events: list[tuple[State | str, float]], confirm: int
) -> None:
    policy = Policy(confirm=confirm, flap_changes=3, flap_settle_seconds=30)
    current, at, row = ElementState(), START, 0
    for event, seconds in events:
        at += timedelta(seconds=seconds)
        before = current
        if isinstance(event, State):
            row = row + 1 if event is State.BAD else 0
            measurement = Measurement(event, CAUSES[event], at)
            current, transition = observe(ELEMENT, before, measurement, policy)
        else:
            current, transition = expire(ELEMENT, before, at, policy)
            row = 0 if transition is not None else row
            stale = (at - before.measured_at).total_seconds() > policy.stale_after_seconds
            assert current.state in {before.state, State.UNKNOWN}
            assert not (stale and current.state is not State.UNKNOWN)
        check(before, current, transition, event, row >= confirm)


def check(
    before: ElementState,
    current: ElementState,
    transition: Transition | None,
    event: State | str,
    is_confirmed: bool,
) -> None:
    assert (transition is None) == (before.state is current.state)
    if transition is None:
        return
    assert transition.from_state is before.state
    assert transition.to_state is current.state
    if transition.to_state is State.GOOD:
        assert event is State.GOOD
    if transition.to_state is State.BAD:
        assert event is State.BAD
        assert is_confirmed


@settings(deadline=None)
@given(st.sampled_from(list(ElementKind)), st.text("abc-09.", min_size=1), st.text("abc/:09."))
def test_an_element_survives_its_string_form(kind: ElementKind, owner: str, name: str) -> None:
    element = Element(kind, owner, name)
    assert Element.parse(element.key) == element
