"""Confirming a device as a whole says nothing else than judging each of its parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitors.board import Board, policies
from monitors.choices import Cause, ElementKind, State
from monitors.elements import Element
from monitors.state import Measurement

START = datetime(2026, 1, 1, tzinfo=UTC)
PERIOD = 30.0
PORTS = [Element(ElementKind.INTERFACE, "rtr", f"eth{n}") for n in range(3)]
STATES = {1: (State.GOOD, Cause.OPER_UP), 2: (State.BAD, Cause.OPER_DOWN)}


@dataclass
class Poll:
    """Ports as a poll shows them; None is a silent device, a short tuple lacks ports."""

    ports: tuple[int, ...] | None
    after_seconds: float


polls = st.lists(
    st.builds(
        Poll,
        st.one_of(st.none(), st.lists(st.sampled_from([1, 1, 2]), max_size=3).map(tuple)),
        st.sampled_from([PERIOD, PERIOD, PERIOD, 4 * PERIOD]),
    ),
    max_size=40,
)


def judge(board: Board, ports: tuple[int, ...], at: datetime) -> None:
    for port, status in zip(PORTS, ports, strict=False):
        board.observe(port, Measurement(*STATES[status], at))


def play(given_polls: list[Poll], *, wholly: bool) -> Board:
    """Return the board after the polls, confirming equal ones as a whole where `wholly`."""
    board, at, before = Board(policies(PERIOD)), START, None
    for poll in given_polls:
        at += timedelta(seconds=poll.after_seconds)
        board.expire(at)
        if poll.ports is None:
            board.lose_parts("rtr", at)
            continue
        if wholly and poll.ports == before and board.confirm("rtr", at):
            continue
        judge(board, poll.ports, at)
        board.settle("rtr", at)
        before = poll.ports
    return board


@given(polls, st.sampled_from([0, 1, 4]))
def test_confirming_equals_judging_each_part(given_polls: list[Poll], later: int) -> None:
    one, other = (play(given_polls, wholly=wholly) for wholly in (True, False))
    at = START + timedelta(seconds=sum(p.after_seconds for p in given_polls) + later * PERIOD)
    assert one.expire(at) == other.expire(at)
    assert one.feed.sequence == other.feed.sequence
    assert one.counts == other.counts
    for port in PORTS:
        mine, theirs = one.state(port), other.state(port)
        assert (mine.state, mine.cause, mine.since) == (theirs.state, theirs.cause, theirs.since)
        if mine.state is not State.UNKNOWN:
            assert mine.measured_at == theirs.measured_at


def test_a_confirmed_part_is_as_fresh_as_the_poll_that_confirmed_it() -> None:
    board, later = Board(policies(PERIOD)), START + timedelta(seconds=PERIOD)
    judge(board, (1, 2), START)
    board.settle("rtr", START)
    assert board.confirm("rtr", later)
    assert board.state(PORTS[0]).measured_at == later


def test_a_part_that_was_not_measured_keeps_its_owner_from_being_confirmed() -> None:
    board, later = Board(policies(PERIOD)), START + timedelta(seconds=PERIOD)
    judge(board, (1, 1), START)
    judge(board, (1,), later)
    board.settle("rtr", later)
    assert not board.confirm("rtr", later + timedelta(seconds=PERIOD))


def test_counts_follow_what_is_forgotten() -> None:
    board = Board(policies(PERIOD))
    judge(board, (1, 2, 2), START)
    assert board.forget("rtr") == set(PORTS)
    assert not +board.counts
    assert board.expire(START + timedelta(days=1)) == 0
