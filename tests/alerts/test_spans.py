"""Arithmetic of stretches of time, against sets of minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from alerts.spans import Span, both, length, merged, without

START = datetime(2026, 10, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6)


def spans(pairs: list[tuple[int, int]]) -> list[Span]:
    return merged([(START + a * MINUTE, START + b * MINUTE) for a, b in pairs])


def held(found: list[Span]) -> set[int]:
    return {
        minute
        for minute in range(41)
        for start, end in found
        if start <= START + minute * MINUTE < end
    }


def whole(pairs: list[tuple[int, int]]) -> set[int]:
    return {minute for a, b in pairs for minute in range(a, b)}


@given(some=SPANS, others=SPANS)
def test_stretches_are_the_minutes_in_them(
    some: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    left, right = spans(some), spans(others)
    assert held(left) == whole(some)
    assert held(both(left, right)) == whole(some) & whole(others)
    assert held(without(left, right)) == whole(some) - whole(others)
    assert length(left) == len(whole(some)) * MINUTE


@given(some=SPANS)
def test_merged_stretches_neither_touch_nor_overlap(some: list[tuple[int, int]]) -> None:
    found = spans(some)
    assert all(end < start for (_, end), (start, _) in pairwise(found))
