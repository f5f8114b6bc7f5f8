"""When a room was there, whatever number of its devices were. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime


def spans(
    calls: Iterable[tuple[datetime, datetime | None]], until: datetime
) -> list[tuple[datetime, datetime]]:
    """Return from when to when somebody was there, in order; each call from joining to leaving.

    Nobody is there after `until`, whenever the leaving was noticed.
    """
    found: list[tuple[datetime, datetime]] = []
    for joined, left in sorted((joined, min(left or until, until)) for joined, left in calls):
        if found and joined <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], left)
        else:
            found.append((joined, max(joined, left)))
    return found


def seconds(found: Sequence[tuple[datetime, datetime]]) -> float:
    """Return how long that was altogether."""
    return sum((end - start for start, end in found), timedelta()).total_seconds()


def drops(found: Sequence[tuple[datetime, datetime]]) -> int:
    """Return how often nobody was there and somebody came back."""
    return max(0, len(found) - 1)
