"""Windows fall into bands by what was lost in them; what is not told is in none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.bridges.status import Stream
from conference.choices import Quality
from conference.quality import band, current, heard, merged, worst


@pytest.mark.parametrize(
    ("loss", "jitter", "found"),
    [
        (0.0, None, Quality.GOOD),
        (0.01, None, Quality.OK),
        (0.03, None, Quality.BAD),
        (0.1, None, Quality.TERRIBLE),
        (0.0, 0.041, Quality.OK),
        (0.5, 0.041, Quality.TERRIBLE),
        (None, 0.001, Quality.UNKNOWN),
    ],
)
def test_bands(loss: float | None, jitter: float | None, found: Quality) -> None:
    assert band(loss, jitter) is found


def test_a_window_is_the_difference_of_two_counts() -> None:
    found = heard(Stream("rx", "video", packets=2_000, packets_lost=60), (1_000, 10))
    assert (found.packets, found.packets_lost, found.loss_ratio) == (1_000, 50, 0.05)


@pytest.mark.parametrize("before", [None, (3_000, 0), (2_000, 60), (1_000, 100)])
def test_a_stream_that_began_anew_is_unknown(before: tuple[int, int] | None) -> None:
    found = heard(Stream("rx", "video", packets=2_000, packets_lost=60), before)
    assert found.quality is Quality.UNKNOWN


def test_a_loss_the_bridge_reckons_itself_counts() -> None:
    assert heard(Stream("rx", "video", loss_ratio=0.02), None).quality is Quality.OK


def test_what_holds_now_is_what_most_of_three_windows_were() -> None:
    past = [Quality.TERRIBLE, Quality.GOOD, Quality.BAD, Quality.GOOD]
    assert current(past) is Quality.GOOD
    assert current([Quality.GOOD, Quality.BAD]) is Quality.BAD
    assert current([]) is Quality.UNKNOWN


def test_the_worst_stream_is_the_points() -> None:
    assert worst([Quality.UNKNOWN, Quality.BAD, Quality.GOOD]) is Quality.BAD


def test_two_streams_of_one_kind_are_one_with_the_worst_that_is_told() -> None:
    told = [
        Stream("rx", "video", packets=100, packets_lost=1, loss_ratio=0.0, bitrate_bps=1.0),
        Stream("rx", "audio", packets=5),
        Stream("rx", "video", packets=10, packets_lost=2, loss_ratio=0.2, jitter_seconds=0.1),
    ]
    assert merged(told) == [
        Stream("rx", "video", 110, 3, loss_ratio=0.2, jitter_seconds=0.1),
        Stream("rx", "audio", packets=5),
    ]


counts = st.integers(0, 10**9)


@given(counts, counts, counts, counts)
def test_no_counts_make_a_loss_outside_its_range(a: int, b: int, c: int, d: int) -> None:
    found = heard(Stream("rx", "audio", packets=a, packets_lost=b), (c, d))
    assert found.loss_ratio is None or 0 <= found.loss_ratio <= 1
