"""Escalation as a machine: any order of telling, taking, lapsing, dying and resolving."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts import ledger
from alerts.choices import IncidentEventKind, IncidentState
from alerts.escalation import level_at, raise_due, raised_levels
from alerts.ledger import ESCALATION, Plan
from alerts.models import Acknowledgement, Incident, IncidentEvent
from hatang import clock
from hatang.settings import EscalationLevel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.clock import Hand
    from hatang.db import Database

AT = datetime(2026, 11, 22, tzinfo=UTC)
LEVELS = (
    EscalationLevel(after_minutes={"critical": 15, "warning": 60}),
    EscalationLevel(after_minutes={"critical": 45}),
)
PLAN = Plan(("http://am",), escalations=LEVELS)


@pytest.fixture
def hand() -> Iterator[Hand]:
    with clock.frozen(AT) as found:
        yield found


def opened(database: Database, *, told: bool = True, severity: str = "critical") -> int:
    with database.write() as session:
        texts = dict.fromkeys(("fault", "element", "origin", "name"), "device:a")
        row = Incident(
            alertname="DeviceUnreachable", severity=severity, state="open", is_verified=True,
            bad_since=AT, opened_at=AT, first_forwarded_at=AT if told else None, **texts,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def acknowledge(database: Database, number: int, minutes: float) -> None:
    with database.write() as session:
        at = clock.now()
        ends = at + timedelta(minutes=minutes)
        session.add(Acknowledgement(incident_id=number, actor="An", note="", at=at, ends_at=ends))


def levels(database: Database, number: int) -> list[int]:
    """Return the levels raised, as a worker that begins now finds and completes them."""
    with database.write() as session:
        raise_due(session, LEVELS, clock.now())
        return sorted(raised_levels(session).get(number, {}))


@pytest.mark.parametrize(
    ("severity", "minutes", "expected"),
    [("critical", 14.9, 0), ("critical", 15, 1), ("critical", 45, 2), ("warning", 600, 1),
     ("info", 600, 0)],
)  # fmt: skip
def test_levels_follow_severity_and_time(severity: str, minutes: float, expected: int) -> None:
    assert level_at(LEVELS, severity, timedelta(minutes=minutes)) == expected


def test_what_nobody_was_told_of_never_escalates(database: Database, hand: Hand) -> None:
    number = opened(database, told=False)
    hand.advance(3600)
    assert levels(database, number) == []


def test_a_worker_that_was_dead_raises_what_became_due(database: Database, hand: Hand) -> None:
    number = opened(database)
    hand.advance(46 * 60)
    assert levels(database, number) == [1, 2]


def test_who_took_it_stops_the_clock_and_a_lapse_starts_it_anew(
    database: Database, hand: Hand
) -> None:
    number = opened(database)
    hand.advance(10 * 60)
    acknowledge(database, number, 30)
    hand.advance(30 * 60)
    assert levels(database, number) == []
    hand.advance(14 * 60)
    assert levels(database, number) == []
    hand.advance(60)
    assert levels(database, number) == [1]


def test_each_level_is_an_alert_of_its_own_that_ends_with_the_incident(
    database: Database, hand: Hand
) -> None:
    number = opened(database)
    hand.advance(15 * 60)
    with database.write() as session:
        items = ledger.prepare(session, PLAN)
        ledger.sent(session, "http://am", items)
    assert [each.labels.get(ESCALATION) for each in items] == [None, "1"]
    assert {each.labels["incident"] for each in items} == {str(number)}
    assert items[1].annotations["summary_en"].startswith("Escalated, level 1: ")
    with database.write() as session:
        row = session.get_one(Incident, number)
        row.state, row.resolved_at = IncidentState.RESOLVED, clock.now()
    with database.write() as session:
        over = ledger.prepare(session, PLAN)
    assert [each.resolved_at for each in over] == [clock.now()] * 2


def test_the_timeline_tells_each_level_once(database: Database, hand: Hand) -> None:
    number = opened(database)
    hand.advance(20 * 60)
    for _ in range(3):
        levels(database, number)
    with database.read() as session:
        rows = session.query(IncidentEvent).filter_by(kind=IncidentEventKind.ESCALATED)
        assert [each.detail for each in rows] == [{"level": 1}]


steps = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(1, 50)),
        st.tuples(st.just("take"), st.integers(1, 40)),
        st.tuples(st.just("look"), st.just(0)),
    ),
    max_size=12,
)


@pytest.mark.slow
@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each example: its own incident
)
@given(steps)
def test_levels_are_those_of_a_separate_count_whenever_workers_look(
    sqlite_database: Database, moves: list[tuple[str, int]]
) -> None:
    """A level is raised at a look exactly when, since people were told or the last hold ended,
    its minutes have passed; it never falls; a resolved incident raises nothing.
    """
    with clock.frozen(AT) as hand:
        number = opened(sqlite_database)
        minute, begin, highest = 0, 0, 0
        for word, amount in [*moves, ("look", 0)]:
            if word == "wait":
                hand.advance(amount * 60)
                minute += amount
            elif word == "take":
                acknowledge(sqlite_database, number, amount)
                begin = minute + amount
            else:
                unheeded = minute - begin
                highest = max(highest, 2 if unheeded >= 45 else 1 if unheeded >= 15 else 0)
                assert levels(sqlite_database, number) == list(range(1, highest + 1))
        with sqlite_database.write() as session:
            session.get_one(Incident, number).state = IncidentState.RESOLVED
        hand.advance(86_400)
        assert levels(sqlite_database, number) == list(range(1, highest + 1))
