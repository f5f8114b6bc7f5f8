"""A day's samples to one row: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from math import ceil, isfinite
from typing import TYPE_CHECKING, Final

from monitors.history import percentile95
from monitors.rollups.rules import STEP_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Day:
    """The moments of a day in the province, as far as it is over; Unix time in seconds."""

    on: date
    begin: int
    end: int
    is_whole: bool

    @classmethod
    def of(cls, day: date, zone: ZoneInfo, now: datetime) -> Day:
        """Return the day `day`, until `now` where it is not over."""
        begin = datetime.combine(day, time(), zone)
        end = datetime.combine(day + timedelta(days=1), time(), zone)
        until = min(end.timestamp(), now.timestamp())
        return cls(day, int(begin.timestamp()), int(until), is_whole=until == end.timestamp())

    @property
    def expected(self) -> int:
        """How many steps there are until the end."""
        return max(0, self.end - self.begin) // STEP_SECONDS


@dataclass(frozen=True, slots=True)
class Sums:
    """What the samples of a day come to; None where there is none."""

    samples: int
    average: float | None
    percentile95: float | None
    maximum: float | None
    hours: tuple[float | None, ...]
    hours_percentile95: tuple[float | None, ...]


def sums(day: Day, points: Iterable[tuple[float, float]]) -> Sums:
    """Return what the `points` (Unix time, value) within the day come to.

    Each stands for the step that ends with it; the 95th percentile is the nearest rank.
    """
    held = [
        (at, value)
        for at, value in points
        if isfinite(value) and day.begin < at <= day.begin + 24 * _HOUR and at <= day.end
    ]
    hours: list[list[float]] = [[] for _ in range(24)]
    for at, value in held:
        hours[min(23, ceil((at - day.begin) / _HOUR) - 1)].append(value)
    values = [value for _, value in held]
    return Sums(
        samples=len(values),
        average=_mean(values),
        percentile95=percentile95(values),
        maximum=max(values, default=None),
        hours=tuple(_mean(one) for one in hours),
        hours_percentile95=tuple(percentile95(one) for one in hours),
    )


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
