from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from hatang import calendar
from hatang.calendar import CalendarEntry
from hatang.errors import InvalidInputError

if TYPE_CHECKING:
    from hatang.db import Database

DAY = datetime(2026, 11, 22, tzinfo=UTC)
SPAN = st.tuples(st.integers(0, 12), st.integers(1, 6))


def at(hour: int) -> datetime:
    return DAY + timedelta(hours=hour)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(spans=st.lists(SPAN, max_size=6), asked=SPAN)
def test_overlapping_is_sharing_an_hour(
    database: Database, spans: list[tuple[int, int]], asked: tuple[int, int]
) -> None:
    with database.write() as session:
        session.execute(delete(CalendarEntry))
        for index, (start, length) in enumerate(spans):
            calendar.book(session, f"d/{index}", at(start), at(start + length), "x", source="s")
        found = calendar.overlapping(session, None, at(asked[0]), at(sum(asked)))
    hours = set(range(asked[0], sum(asked)))
    expected = {f"d/{i}" for i, (s, n) in enumerate(spans) if hours & set(range(s, s + n))}
    assert {booking.element for booking in found} == expected


def test_elements_and_kinds_narrow_and_nothing_asked_is_nothing_found(
    sqlite_database: Database,
) -> None:
    with sqlite_database.write() as session:
        calendar.book(session, "room/1", at(1), at(3), "meeting", source="m/1", title="Họp")
        calendar.book(session, "room/2", at(1), at(3), "maintenance", source="w/1")
        window = (at(0), at(9))
        assert calendar.overlapping(session, [], *window) == []
        assert calendar.overlapping(session, None, *window, kinds=[]) == []
        (only,) = calendar.overlapping(session, ["room/1", "room/2"], *window, kinds=["meeting"])
    assert (only.element, only.title, only.starts_at) == ("room/1", "Họp", at(1))


def test_a_cancelled_booking_is_free_again(database: Database) -> None:
    with database.write() as session:
        calendar.book(session, "room/1", at(1), at(3), "meeting", source="m/1")
        calendar.book(session, "room/2", at(1), at(3), "meeting", source="m/1")
        assert calendar.cancel(session, "m/1") == 2
        assert calendar.cancel(session, "m/1") == 0
        assert calendar.overlapping(session, None, at(0), at(9)) == []


def test_an_end_before_the_start_is_refused(sqlite_database: Database) -> None:
    with sqlite_database.write() as session, pytest.raises(InvalidInputError):
        calendar.book(session, "room/1", at(3), at(3), "meeting", source="m/1")
