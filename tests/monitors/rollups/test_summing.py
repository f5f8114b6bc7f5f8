from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from monitors.rollups.rules import STEP_SECONDS
from monitors.rollups.summing import Day, sums

HUE = ZoneInfo("Asia/Ho_Chi_Minh")
LATER = datetime(2026, 3, 5, tzinfo=UTC)
WHOLE = Day.of(date(2026, 3, 1), HUE, LATER)


def points(values: dict[int, float]) -> list[tuple[float, float]]:
    """Return points by their number in the day, the first one step after midnight."""
    return [(WHOLE.begin + (n + 1) * STEP_SECONDS, value) for n, value in values.items()]


def test_a_day_is_the_provinces_and_whole_when_it_is_over() -> None:
    assert datetime.fromtimestamp(WHOLE.begin, UTC) == datetime(2026, 2, 28, 17, tzinfo=UTC)
    assert (WHOLE.is_whole, WHOLE.expected) == (True, 288)
    now = datetime(2026, 3, 1, 1, 7, tzinfo=UTC)  # 08:07 there
    today = Day.of(date(2026, 3, 1), HUE, now)
    assert (today.is_whole, today.expected) == (False, 97)


def test_gaps_are_counted_and_no_average_hides_them() -> None:
    found = sums(WHOLE, points({0: 1.0, 1: 0.0, 287: 1.0}))
    assert (found.samples, found.average) == (3, 2 / 3)
    assert (found.hours[0], found.hours[1], found.hours[23]) == (0.5, None, 1.0)


def test_nothing_measured_is_none_and_not_zero() -> None:
    found = sums(WHOLE, [])
    assert found.samples == 0
    assert {found.average, found.percentile95, found.maximum, *found.hours} == {None}


def test_the_95th_percentile_is_the_nearest_rank_of_the_days_samples() -> None:
    found = sums(WHOLE, points({n: float(n + 1) for n in range(100)}))
    assert (found.percentile95, found.maximum) == (95.0, 100.0)


@given(st.lists(st.tuples(st.integers(-400, 700), st.floats()), max_size=50))
def test_what_lies_outside_the_day_or_is_no_number_counts_nothing(
    given_points: list[tuple[int, float]],
) -> None:
    found = sums(WHOLE, points(dict(given_points)))
    inside = [v for n, v in dict(given_points).items() if 0 <= n < 288 and abs(v) < float("inf")]
    assert found.samples == len(inside) <= WHOLE.expected
