"""How elements stood at a moment that is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event

from hatang import clock
from hatang.auth import Actor
from hatang.errors import InvalidInputError
from inventory import service as inventory
from monitors import past, repository, service
from monitors.choices import Cause, ElementKind, State
from monitors.elements import Element
from monitors.feed import Numbered
from monitors.models import ElementRow, HeartbeatRow, SilenceRow, TransitionRow
from monitors.state import Transition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.db import Database, WriteSession
    from monitors.past import PastState

START = datetime(2026, 3, 1, tzinfo=UTC)
SYSTEM = Actor.system("test")
DEVICES = (ElementKind.DEVICE,)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def move(
    session: WriteSession, element: Element, states: Sequence[tuple[float, State]], first: int = 0
) -> None:
    """Have the monitor write that `element` entered each state at that minute."""
    before = State.UNKNOWN
    for number, (minutes, state) in enumerate(states, first):
        with clock.frozen(at(minutes)):
            moved = Transition(element, before, state, Cause.ANSWERED, at(minutes))
            repository.write(session, "m", "e", [Numbered(number, moved, None)])
        before = state


def device(session: WriteSession, name: str) -> Element:
    return Element(ElementKind.DEVICE, inventory.get_device(session, SYSTEM, name).device_key)


@pytest.fixture
def watched(province: Database) -> Database:
    """core-1 good from minute 0, bad from 10, good from 20; rtr-01 good from 15; now is 30."""
    with province.write() as session:
        core, router = device(session, "core-1"), device(session, "rtr-01")
        move(session, core, [(0, State.GOOD), (10, State.BAD), (20, State.GOOD)])
        move(session, router, [(15, State.GOOD)], first=9)
        session.get_one(HeartbeatRow, "m").at = at(30)
        for row in session.query(SilenceRow):
            session.delete(row)
    return province


def seen(database: Database, minutes: float, now: float = 30) -> dict[str, PastState]:
    with clock.frozen(at(now)), database.read() as session:
        devices = inventory.find_devices(session, SYSTEM, ("core-1", "rtr-01"))
        names = {row.device_key: name for name, row in devices.items()}
        found = past.states_at(session, SYSTEM, at(minutes), kinds=DEVICES)
        return {names[each.element.owner]: each for each in found}


@pytest.mark.parametrize(
    ("minutes", "state"),
    [(0, State.GOOD), (9.9, State.GOOD), (10, State.BAD), (19, State.BAD), (20, State.GOOD)],
)
def test_a_state_holds_from_its_transition_to_the_next(
    watched: Database, minutes: float, state: State
) -> None:
    assert seen(watched, minutes)["core-1"].state is state


def test_before_its_first_transition_an_element_is_unknown(watched: Database) -> None:
    found = seen(watched, 14)["rtr-01"]
    assert (found.state, found.cause) == (State.UNKNOWN, Cause.NEVER_MEASURED)
    assert seen(watched, 15)["rtr-01"].state is State.GOOD


def test_a_state_whose_beginning_is_no_longer_kept_is_told_by_the_next(watched: Database) -> None:
    with watched.write() as session:
        kept = at(5)
        session.execute(delete(TransitionRow).where(TransitionRow.at < kept))
        other = Element(ElementKind.SERVICE, "portal")
        session.add(_first_kept(other, at(6)))
    found = seen(watched, 8)["core-1"]
    assert (found.state, found.cause, found.since) == (State.GOOD, None, None)


def _first_kept(element: Element, when: datetime) -> TransitionRow:
    return TransitionRow(
        id=1,
        monitor="m",
        epoch="e",
        sequence=99,
        element=element.key,
        from_state="unknown",
        to_state="good",
        cause="answered",
        at=when,
        evidence={},
    )


def test_what_a_silent_monitor_left_is_unknown_until_it_is_heard(watched: Database) -> None:
    with watched.write() as session, clock.frozen(at(40)):
        repository.beat(session, "m", "e")
    during, after = seen(watched, 35, now=50), seen(watched, 40, now=40)
    assert (during["core-1"].state, during["core-1"].cause) == (State.UNKNOWN, Cause.STALE)
    assert during["core-1"].last_state is State.GOOD
    assert after["core-1"].state is State.GOOD


def test_a_monitor_that_is_silent_now_leaves_nothing_good_since(watched: Database) -> None:
    assert seen(watched, 45, now=50)["core-1"].state is State.UNKNOWN
    assert seen(watched, 29, now=50)["core-1"].state is State.GOOD


def test_a_short_pause_is_no_silence(watched: Database) -> None:
    with watched.write() as session:
        session.get_one(HeartbeatRow, "m").at = at(30)
        with clock.frozen(at(30) + timedelta(seconds=29)):
            repository.beat(session, "m", "e")
        assert session.query(SilenceRow).count() == 0


@pytest.mark.parametrize(("minutes", "why"), [(31, "ahead"), (-1, "since when")])
def test_a_moment_that_cannot_be_told_is_refused(
    watched: Database, minutes: float, why: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        seen(watched, minutes)
    assert why in refused.value.problems[0].message


def test_the_kept_past_begins_with_the_oldest_transition(watched: Database) -> None:
    with watched.read() as session:
        assert past.kept_since(session) == at(0)


def test_a_site_was_as_its_worst_device(watched: Database) -> None:
    with clock.frozen(at(30)), watched.read() as session:
        then = {s.site: s.state for s in service.site_statuses(session, SYSTEM, at(12))}
        later = {s.site: s.state for s in service.site_statuses(session, SYSTEM, at(21))}
    assert State.BAD in then.values()
    assert State.BAD not in later.values()


def test_bad_ends_of_links_are_told_and_other_interfaces_are_not(watched: Database) -> None:
    with watched.write() as session:
        core = device(session, "core-1").owner
        end = Element(ElementKind.INTERFACE, core, "eth2")
        other = Element(ElementKind.INTERFACE, core, "eth1")
        for first, element in ((20, end), (30, other)):
            move(session, element, [(1, State.GOOD), (11, State.BAD), (13, State.GOOD)], first)
    with clock.frozen(at(30)), watched.read() as session:
        found = [each.element for each in past.bad_at(session, SYSTEM, at(12))]
        assert past.bad_at(session, SYSTEM, at(21)) == []
    assert found == [device_of(watched, "core-1"), end]


def device_of(database: Database, name: str) -> Element:
    with database.write() as session:
        return device(session, name)


def test_the_past_takes_as_many_statements_for_one_element_as_for_many(watched: Database) -> None:
    counts = []
    for count in (1, 40):
        with watched.write() as session:
            for number in range(count):
                element = Element(ElementKind.SERVICE, f"s{number}")
                move(session, element, [(2, State.GOOD), (22, State.BAD)], 100 * (number + 1))
        asked: list[str] = []

        def note(*given: object, asked: list[str] = asked) -> None:
            asked.append(str(given[2]))

        event.listen(watched.engine, "before_cursor_execute", note)
        with clock.frozen(at(30)), watched.read() as reading:
            past.states_at(reading, SYSTEM, at(12), kinds=tuple(ElementKind))
            past.bad_at(reading, SYSTEM, at(12))
        event.remove(watched.engine, "before_cursor_execute", note)
        counts.append(len(asked))
    assert counts[0] == counts[1]


STATES = st.lists(
    st.tuples(st.integers(0, 25), st.sampled_from(State)), min_size=1, max_size=8, unique_by=lambda
    each: each[0],
).map(sorted)  # fmt: skip


@given(states=STATES, minutes=st.integers(0, 29))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_past_is_what_a_replay_from_the_beginning_gives(
    province: Database, states: list[tuple[int, State]], minutes: int
) -> None:
    moves = [states[0], *(later for earlier, later in pairwise(states) if earlier[1] != later[1])]
    with province.write() as session:
        for model in (TransitionRow, ElementRow, HeartbeatRow, SilenceRow):
            session.execute(delete(model))
        move(session, Element(ElementKind.SERVICE, "first"), [(0, State.GOOD)], 50)
        move(session, device(session, "core-1"), moves)
        session.execute(delete(SilenceRow))
        session.get_one(HeartbeatRow, "m").at = at(30)
    expected = State.UNKNOWN
    for when, state in moves:
        if when <= minutes:
            expected = state
    assert seen(province, minutes)["core-1"].state is expected
