"""Each scrape finds one new sample of a device, whatever the phases of polls and scrapes are."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitors.placing import nearest, place

PERIOD = 30.0
phases = st.floats(0, PERIOD, exclude_max=True)


def samples_at(scrapes: list[float], polls: list[float]) -> list[int]:
    """Return how many polls were over at each scrape."""
    return [sum(over <= scrape for over in polls) for scrape in scrapes]


@given(
    st.floats(0, 1),
    phases,
    st.lists(st.floats(0, 0.15 * PERIOD), min_size=20, max_size=20),
    st.lists(st.floats(-0.05, 0.05), min_size=20, max_size=20),
)
def test_each_scrape_finds_exactly_one_new_sample(
    fraction: float, phase: float, durations: list[float], jitters: list[float]
) -> None:
    scrapes = [1000 * PERIOD + phase + n * PERIOD + jitter for n, jitter in enumerate(jitters)]
    begin = place(fraction, scrapes[:1], PERIOD)
    assert begin is not None
    first = nearest(scrapes[0] + PERIOD / 2, begin, PERIOD)
    polls = [first + n * PERIOD + took for n, took in enumerate(durations)]
    found = samples_at(scrapes[1:], polls)
    assert [later - before for before, later in pairwise(found)] == [1] * 18


def test_a_poll_that_is_not_placed_can_fall_on_the_scrape_and_show_teeth() -> None:
    scrapes = [n * PERIOD for n in range(1, 8)]
    polls = [n * PERIOD + (0.2 if n % 2 else -0.2) for n in range(1, 8)]
    found = samples_at(scrapes, polls)
    assert {later - before for before, later in pairwise(found)} == {0, 2}


@given(st.floats(0, 1), phases, phases)
def test_two_scrapers_are_both_kept_clear_of(fraction: float, one: float, other: float) -> None:
    begin = place(fraction, [one, other], PERIOD)
    assert begin is not None
    gap = max((other - one) % PERIOD, (one - other) % PERIOD) or PERIOD
    for scrape in (one, other):
        ahead = (scrape - begin) % PERIOD
        assert ahead >= 0.19 * gap or ahead > PERIOD - 0.81 * gap


@given(st.floats(0, 1e6), phases)
def test_a_turn_is_moved_by_half_a_period_at_most(moment: float, wanted: float) -> None:
    moved = nearest(moment, wanted, PERIOD)
    assert abs(moved - moment) <= PERIOD / 2 + 1e-6
    assert min((moved - wanted) % PERIOD, (wanted - moved) % PERIOD) < 1e-6


def test_where_nobody_scrapes_the_turn_stays() -> None:
    assert place(0.5, [], PERIOD) is None
    assert nearest(12.0, None, PERIOD) == 12.0
