"""Work that comes again: weekly or monthly, within a year, a bounded number of times.

No RRULE is taken from anybody: RFC 5545 lets one line mean a thing every second for ever. What
people announce is some weekdays, or a day of the month, at an hour, until a day.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from hatang.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST: Final = 60
"""Times a rule of announced work may come to: each week of a year, each night of two months."""
LONGEST_SPAN: Final = timedelta(days=366)
LONGEST_TIME: Final = timedelta(hours=24)
LAST_DAY: Final = -1
"""As a day of the month: its last, whichever that is."""
_WEEK: Final = 7
_LAST_WEEK: Final = 5


class Frequency(StrEnum):
    """How often work comes again."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Rule:
    """When work comes again, in local time.

    Weekly: on `weekdays` (0 Monday to 6 Sunday) of each week. Monthly: on `monthday` (1 to 31, or
    -1 for the last; a month without it is left out), or, where `week` is given (1 to 4, 5 for the
    last), on that occurrence of the one weekday: the second Saturday. `begin` is the hour,
    `minutes` how long, `first` and `until` the days between which it comes, both counted.
    """

    frequency: Frequency
    begin: time
    minutes: int
    first: date
    until: date
    weekdays: tuple[int, ...] = ()
    monthday: int | None = None
    week: int | None = None


Window = tuple[datetime, datetime]


def windows(rule: Rule, zone: str) -> list[Window]:
    """Return every time `rule` comes to, as UTC, the earliest first; of a rule without problems."""
    place = ZoneInfo(zone)
    length = timedelta(minutes=rule.minutes)
    return [
        (start.astimezone(UTC), start.astimezone(UTC) + length)
        for start in (datetime.combine(day, rule.begin, place) for day in _days(rule))
    ]


def plain(rule: Rule) -> dict[str, Any]:
    """Return `rule` as it is kept in the records."""
    return asdict(rule) | {
        "begin": rule.begin.isoformat("auto" if rule.begin.second else "minutes"),
        "first": rule.first.isoformat(),
        "until": rule.until.isoformat(),
        "weekdays": list(rule.weekdays),
    }


def read(kept: Mapping[str, Any]) -> Rule:
    """Return the rule that `plain` gave."""
    return Rule(
        frequency=Frequency(kept["frequency"]),
        begin=time.fromisoformat(kept["begin"]),
        minutes=kept["minutes"],
        first=date.fromisoformat(kept["first"]),
        until=date.fromisoformat(kept["until"]),
        weekdays=tuple(kept["weekdays"]),
        monthday=kept["monthday"],
        week=kept["week"],
    )


def problems(rule: Rule, most: int = MOST) -> list[Problem]:
    """Return all that is wrong with `rule`; a sound one comes 1 to `most` times."""
    found = [*_span_problems(rule), *_day_problems(rule)]
    if not 1 <= rule.minutes <= LONGEST_TIME / timedelta(minutes=1):
        fix = "Give 1 minute to 24 hours; announce longer work by itself."
        found.append(_problem("minutes", rule.minutes, "is no length of such work", fix))
    if found:
        return found
    count = sum(1 for _ in _days(rule))
    if count == 0:
        return [_problem("until", rule.until, "lies before the first time", "Move it.")]
    if count > most:
        fix = f"End it earlier, or choose fewer days: {most} times at most."
        return [_problem("until", rule.until, f"makes it come {count} times", fix)]
    return []


def _span_problems(rule: Rule) -> Iterator[Problem]:
    if rule.until < rule.first:
        yield _problem("until", rule.until, "lies before the first day", "Move it.")
    elif rule.until - rule.first > LONGEST_SPAN:
        fix = "End it within a year, and announce it again."
        yield _problem("until", rule.until, "is more than a year away", fix)


def _day_problems(rule: Rule) -> Iterator[Problem]:
    if any(not 0 <= day < _WEEK for day in rule.weekdays):
        yield _problem("weekdays", rule.weekdays, "are no weekdays", "0 is Monday, 6 is Sunday.")
    elif rule.frequency is Frequency.WEEKLY:
        if not rule.weekdays:
            yield _problem("weekdays", "", "names no day", "Choose one at least.")
        if rule.monthday is not None or rule.week is not None:
            yield _problem("monthday", rule.monthday, "means nothing in a week", "Leave it out.")
    elif rule.week is not None:
        if len(rule.weekdays) != 1 or rule.monthday is not None:
            yield _problem("week", rule.week, "needs one weekday alone", "Name one weekday.")
        if not 1 <= rule.week <= _LAST_WEEK:
            yield _problem("week", rule.week, "is no week of a month", "1 to 4, or 5 for the last.")
    elif rule.monthday is None or not (rule.monthday == LAST_DAY or 1 <= rule.monthday <= 31):
        fix = "Give 1 to 31, -1 for the last, or a week with a weekday."
        yield _problem("monthday", rule.monthday, "is no day of a month", fix)
    elif rule.weekdays:
        yield _problem("weekdays", rule.weekdays, "need the week of the month", "Give `week`.")


def _days(rule: Rule) -> Iterator[date]:
    for offset in range((rule.until - rule.first).days + 1):
        day = rule.first + timedelta(days=offset)
        if _falls_on(rule, day):
            yield day


def _falls_on(rule: Rule, day: date) -> bool:
    if rule.frequency is Frequency.WEEKLY:
        return day.weekday() in rule.weekdays
    is_last = (day + timedelta(days=1)).month != day.month
    if rule.week is None:
        return day.day == rule.monthday or (rule.monthday == LAST_DAY and is_last)
    if day.weekday() not in rule.weekdays:
        return False
    if rule.week == _LAST_WEEK:
        return (day + timedelta(days=_WEEK)).month != day.month
    return (day.day - 1) // _WEEK + 1 == rule.week


def _problem(field: str, value: object, message: str, fix: str) -> Problem:
    return Problem("request", field, str(value), message, fix)
