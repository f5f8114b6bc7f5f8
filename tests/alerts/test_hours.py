from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import hours
from hatang.settings import Hours

ZONE = "Asia/Ho_Chi_Minh"
MONDAY = datetime(2026, 11, 23, tzinfo=ZoneInfo(ZONE))
NIGHT = Hours(times=("22:00-06:00",))


@pytest.mark.parametrize(
    ("given_hours", "moment", "expected"),
    [
        (NIGHT, MONDAY + timedelta(hours=21, minutes=59), False),
        (NIGHT, MONDAY + timedelta(hours=22), True),
        (NIGHT, MONDAY + timedelta(hours=5, minutes=59), True),
        (NIGHT, MONDAY + timedelta(hours=6), False),
        (Hours(times=("22:00-06:00",), weekdays=("friday",)), MONDAY, False),
        (Hours(times=("22:00-06:00",), weekdays=("sunday",)), MONDAY, True),
        (Hours(weekdays=("monday",)), MONDAY + timedelta(hours=23, minutes=59), True),
        (Hours(weekdays=("monday",)), MONDAY + timedelta(hours=24), False),
        (Hours(), MONDAY, True),
    ],
)
def test_hours_hold_in_local_time(given_hours: Hours, moment: datetime, expected: bool) -> None:
    assert hours.covers([given_hours], moment.astimezone(UTC), ZONE) is expected


def test_the_beginning_of_a_night_is_found_past_midnight() -> None:
    moment = MONDAY + timedelta(hours=1, minutes=30, seconds=20)
    assert hours.began([NIGHT], moment, ZONE) == MONDAY - timedelta(hours=2)


minutes = st.integers(0, 1439)
spans = st.tuples(minutes, minutes).filter(lambda pair: pair[0] != pair[1])


def text(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@given(spans, st.sets(st.sampled_from(hours.WEEKDAYS)), st.integers(0, 7 * 1440 - 1))
def test_alertmanagers_form_says_the_same(
    span: tuple[int, int], weekdays: set[str], minute: int
) -> None:
    begin, end = span
    window = Hours.model_validate(
        {"times": (f"{text(begin)}-{text(end)}",), "weekdays": tuple(weekdays)}
    )
    moment = MONDAY + timedelta(minutes=minute)
    day = hours.WEEKDAYS[moment.weekday()]
    clock = text(moment.hour * 60 + moment.minute)
    theirs = any(
        day in each["weekdays"] and one["start_time"] <= clock < one["end_time"]
        for each in hours.intervals([window], ZONE)
        for one in each["times"]
    )
    assert hours.covers([window], moment, ZONE) is theirs
