"""Stretches of time, half-open: pure arithmetic."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Span: TypeAlias = tuple[datetime, datetime]
"""From the first moment until just before the second."""


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the moments of all `spans` as stretches that neither touch nor overlap, in order."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def both(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """Return the moments that are in `some` and in `others`, each merged."""
    found: list[Span] = []
    i = j = 0
    while i < len(some) and j < len(others):
        start, end = max(some[i][0], others[j][0]), min(some[i][1], others[j][1])
        if start < end:
            found.append((start, end))
        if some[i][1] < others[j][1]:
            i += 1
        else:
            j += 1
    return found


def without(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """Return the moments that are in `some` and not in `others`, each merged."""
    found: list[Span] = []
    for start, end in some:
        at = start
        for begin, until in others:
            if until <= at or begin >= end:
                continue
            if begin > at:
                found.append((at, begin))
            at = max(at, until)
        if at < end:
            found.append((at, end))
    return found


def length(spans: Iterable[Span]) -> timedelta:
    """Return how long merged spans last together."""
    return sum((end - start for start, end in spans), timedelta())
