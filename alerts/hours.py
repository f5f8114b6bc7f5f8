"""Hours of the week in local time: whether a moment lies in them, and Alertmanager's form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from hatang.settings import Hours

WEEKDAYS: Final = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip
_DAY: Final = 24 * 60
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Part:
    """Minutes from `begin` to before `end` of one weekday (0 is Monday)."""

    weekday: int
    begin: int
    end: int


def covers(hours: Iterable[Hours], moment: datetime, timezone: str) -> bool:
    """Tell whether `moment` lies within one of `hours`."""
    local = moment.astimezone(ZoneInfo(timezone))
    minute = local.hour * 60 + local.minute
    return any(
        part.weekday == local.weekday() and part.begin <= minute < part.end
        for each in hours
        for part in _parts(each)
    )


def began(hours: Iterable[Hours], moment: datetime, timezone: str) -> datetime:
    """Return when the hours that `moment` lies in began, at most a week ago; else `moment`."""
    known, found = list(hours), moment
    for _ in range(7 * _DAY):
        if not covers(known, found, timezone):
            return min(found.replace(second=0, microsecond=0) + _MINUTE, moment)
        found -= _MINUTE
    return found


def intervals(hours: Iterable[Hours], timezone: str) -> list[dict[str, Any]]:
    """Return `hours` as the intervals of Alertmanager, none of which may pass midnight."""
    return [
        {
            "times": [{"start_time": _text(part.begin), "end_time": _text(part.end)}],
            "weekdays": [WEEKDAYS[part.weekday]],
            "location": timezone,
        }
        for each in hours
        for part in _parts(each)
    ]


def _parts(hours: Hours) -> Iterator[_Part]:
    for weekday in hours.weekdays or WEEKDAYS:
        day = WEEKDAYS.index(weekday)
        for span in hours.times or ("00:00-24:00",):
            begin, end = (_minutes(text) for text in span.split("-"))
            if begin < end:
                yield _Part(day, begin, end)
            else:
                yield _Part(day, begin, _DAY)
                if end:
                    yield _Part((day + 1) % 7, 0, end)


def _minutes(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def _text(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
