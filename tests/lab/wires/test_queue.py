"""One direction of a wire, on a clock of the test's own."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.wires.queue import QUEUE_SECONDS, Direction, Quality


def direction(**quality: float | bool) -> Direction:
    return Direction(Quality(**quality), Random(1))  # type: ignore[arg-type] # keywords of Quality


def test_a_perfect_wire_delivers_at_once() -> None:
    assert direction().offer(5.0, 100) == 5.0


def test_delay_is_added() -> None:
    assert direction(delay_seconds=0.04).offer(1.0, 100) == pytest.approx(1.04)


def test_a_cut_wire_delivers_nothing_and_says_why() -> None:
    line = direction(cut=True)
    assert line.offer(1.0, 100) is None
    assert line.counters.dropped["cut"] == 1


def test_a_rate_spaces_frames_by_their_size() -> None:
    line = direction(rate_bps=8000.0)
    assert [line.offer(0.0, 100), line.offer(0.0, 50)] == [pytest.approx(0.1), pytest.approx(0.15)]


def test_a_full_queue_drops_what_would_wait_too_long() -> None:
    line = direction(rate_bps=8000.0)
    outcomes = [line.offer(0.0, 100) for _ in range(10)]
    assert outcomes.count(None) == line.counters.dropped["queue"] > 0
    assert max(at for at in outcomes if at is not None) <= QUEUE_SECONDS + 0.2


def test_the_configured_share_is_lost() -> None:
    line = direction(loss_ratio=0.05)
    lost = sum(line.offer(float(n), 100) is None for n in range(20_000))
    assert 0.045 < lost / 20_000 < 0.055  # 3 sigma = 0.0046


def test_a_change_holds_from_the_next_frame() -> None:
    line = direction()
    line.quality.delay_seconds = 0.5
    assert line.offer(1.0, 100) == pytest.approx(1.5)


@given(
    st.lists(st.tuples(st.floats(0, 0.1), st.integers(60, 1500)), max_size=60),
    st.floats(0, 0.05),
    st.floats(0, 0.05),
)
def test_frames_never_overtake_each_other(
    gaps: list[tuple[float, int]], delay: float, jitter: float
) -> None:
    line = direction(delay_seconds=delay, jitter_seconds=jitter, rate_bps=1e6)
    now, arrivals = 0.0, []
    for gap, size in gaps:
        now += gap
        arrival = line.offer(now, size)
        if arrival is not None:
            assert arrival >= now
            arrivals.append(arrival)
    assert arrivals == sorted(arrivals)
