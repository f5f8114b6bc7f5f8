"""From when until when: windows of a notice, each with the words it was read from."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from alerts.notices.tokens import Sort, Token, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from alerts.notices.words import Notice

MOST: Final = 31
"""Windows of one notice: every day of a month."""
_NEAR: Final = 48
"""Characters between the parts of one period: "từ 7h30 (dự kiến) đến khoảng 11h30 ngày"."""
_FAR: Final = 160
"""Characters between a period and the day it stands under."""
_DAY: Final = 24 * 60
_SHORTEST: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Window:
    """A time of an outage, in UTC; `is_sure` is false where the words may mean another day."""

    starts_at: datetime
    ends_at: datetime
    text: str
    is_sure: bool


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a period: what stood there of a time and a day, and where."""

    time: Token | None
    day: Token | None

    @property
    def start(self) -> int:
        return min(each.start for each in (self.time, self.day) if each)

    @property
    def end(self) -> int:
        return max(each.end for each in (self.time, self.day) if each)


@dataclass(frozen=True, slots=True)
class _Line:
    """The tokens of a notice, and at which places of them days stand."""

    tokens: Sequence[Token]
    days: Sequence[int]

    @classmethod
    def of(cls, found: Sequence[Token]) -> _Line:
        return cls(found, [at for at, token in enumerate(found) if token.sort is Sort.DAY])

    def at(self, token: Token) -> int:
        """Return the place of one of its tokens."""
        return bisect_left(self.tokens, token.start, key=lambda one: one.start)


def windows(notice: Notice, today: date, zone: str) -> tuple[Window, ...]:
    """Return the times that `notice` speaks of, earliest first; `today` is when it was read."""
    found = _Line.of(tokens(notice.folded, today))
    kept: dict[tuple[datetime, datetime], Window] = {}
    for window in (*_periods(notice, found, zone), *_lengths(notice, found, zone)):
        kept.setdefault((window.starts_at, window.ends_at), window)
    if not kept:
        kept = {(one.starts_at, one.ends_at): one for one in _whole_days(notice, found, zone)}
    return tuple(kept[key] for key in sorted(kept))[:MOST]


def _periods(notice: Notice, line: _Line, zone: str) -> Iterator[Window]:
    """Yield "từ … đến …" with an hour at both ends."""
    for index, token in enumerate(line.tokens):
        if token.sort is not Sort.TO:
            continue
        begin, end = _before(line, index), _after(line, index)
        if begin is None or end is None or begin.time is None or end.time is None:
            continue
        text = notice.around(begin.start, end.end)
        for first, last, is_sure in _days(line, index, (begin, end)):
            window = _window(first, begin.time.minutes, last, end.time.minutes, zone)
            if window is not None:
                yield Window(*window, text, is_sure)


def _days(
    line: _Line, index: int, ends: tuple[_End, _End]
) -> Iterator[tuple[date, date | None, bool]]:
    """Yield the first day, the last where it is said, and whether that cannot mean another."""
    begin, end = ends
    assert begin.time is not None  # noqa: S101 - the caller looked
    assert end.time is not None  # noqa: S101 - the caller looked
    crosses = end.time.minutes <= begin.time.minutes
    if begin.day is not None and begin.day.day is not None:
        if end.day is not None:
            yield begin.day.day, end.day.day, True
        else:
            yield from ((day, None, True) for day in _listed(line, line.at(begin.day)))
    elif end.day is not None and end.day.day is not None:
        listed = _listed(line, line.at(end.day))
        if len(listed) > 1:
            yield from ((day, None, True) for day in listed)
        else:
            # "từ 23h đến 4h ngày 3": the night before the third, or the one after it?
            yield end.day.day, None, not crosses
    else:
        yield from ((day, None, True) for day in _heading(line, index, (begin.start, end.end)))


def _heading(line: _Line, index: int, span: tuple[int, int]) -> list[date]:
    """Return the days that a period without a day of its own stands under, or those after it."""
    start, end = span
    place = bisect_left(line.days, index)
    above = line.days[place - 1] if place else None
    if above is not None and 0 <= start - line.tokens[above].end <= _FAR:
        return _listed(line, above)
    below = line.days[place] if place < len(line.days) else None
    if below is not None and 0 <= line.tokens[below].start - end <= _FAR:
        return _listed(line, below)
    return []


def _listed(line: _Line, index: int) -> list[date]:
    """Return the days of the list or span in which the day at `index` stands."""
    first = last = index
    while first >= 2 and _joined(line.tokens, first - 2, first):
        first -= 2
    while last + 2 < len(line.tokens) and _joined(line.tokens, last, last + 2):
        last += 2
    days = [token.day for token in line.tokens[first : last + 1] if token.day is not None]
    between = {token.sort for token in line.tokens[first : last + 1]} - {Sort.DAY}
    if Sort.DAWN in between:
        return days[:1]  # The night of the one to the morning of the other is one night.
    if Sort.TO in between and days[-1] > days[0]:
        span = (days[-1] - days[0]).days
        return [days[0] + timedelta(days=offset) for offset in range(min(span, MOST - 1) + 1)]
    return sorted(set(days))


def _joined(found: Sequence[Token], one: int, other: int) -> bool:
    first, middle, last = found[one], found[one + 1], found[other]
    return (
        first.sort is Sort.DAY
        and last.sort is Sort.DAY
        and middle.sort in (Sort.AND, Sort.TO, Sort.DAWN)
        and last.start - first.end <= _NEAR
    )


def _before(line: _Line, index: int) -> _End | None:
    """Return the time and day right before the word at `index`, in either order."""
    parts: list[Token] = []
    edge = line.tokens[index].start
    for at in range(index - 1, -1, -1):
        token = line.tokens[at]
        if edge - token.end > _NEAR or token.sort not in (Sort.TIME, Sort.DAY, Sort.AND, Sort.TO):
            break
        if token.sort is Sort.TO and not parts:
            edge = token.start  # "… – kết thúc: …": both words mean one thing.
            continue
        if token.sort is Sort.TO or (token.sort is Sort.AND and len(parts) > 1):
            break
        if token.sort is Sort.AND:
            edge = token.start  # "… ; kết thúc …": a mark between them joins them too.
            continue
        if any(part.sort is token.sort for part in parts):
            break
        parts.append(token)
        edge = token.start
    return _end(parts)


def _after(line: _Line, index: int) -> _End | None:
    parts: list[Token] = []
    edge = line.tokens[index].end
    for at in range(index + 1, len(line.tokens)):
        token = line.tokens[at]
        if token.start - edge > _NEAR or token.sort not in (Sort.TIME, Sort.DAY, Sort.AND):
            break
        if token.sort is Sort.AND:
            if len(parts) != 1:
                break
            continue
        if any(part.sort is token.sort for part in parts):
            break
        parts.append(token)
        edge = token.end
    return _end(parts)


def _end(parts: Sequence[Token]) -> _End | None:
    if not parts:
        return None
    by_sort = {part.sort: part for part in parts}
    return _End(by_sort.get(Sort.TIME), by_sort.get(Sort.DAY))


def _lengths(notice: Notice, line: _Line, zone: str) -> Iterator[Window]:
    """Yield "trong 3 giờ kể từ 22h ngày 5/12": a length and one end."""
    for index, token in enumerate(line.tokens):
        if token.sort is not Sort.LENGTH or token.minutes == 0:
            continue
        for end in (_after(line, index), _before(line, index)):
            if end is None or end.time is None:
                continue
            days = [end.day.day] if end.day else _heading(line, index, (end.start, end.end))
            text = notice.around(min(token.start, end.start), max(token.end, end.end))
            for day in days:
                if day is not None:
                    starts_at = _moment(day, end.time.minutes, zone)
                    ends_at = starts_at + timedelta(minutes=token.minutes)
                    yield Window(starts_at, ends_at, text, is_sure=True)
            break


def _whole_days(notice: Notice, line: _Line, zone: str) -> Iterator[Window]:
    """Yield days of which no hour is told: the whole of them, and nothing sure."""
    for index, token in enumerate(line.tokens):
        if token.sort is Sort.DAY and (index < 2 or not _joined(line.tokens, index - 2, index)):
            days = _listed(line, index)
            text = notice.around(token.start, token.end)
            yield Window(
                _moment(days[0], 0, zone), _moment(days[-1], _DAY, zone), text, is_sure=False
            )


def _window(
    first: date, begin: int, last: date | None, end: int, zone: str
) -> tuple[datetime, datetime] | None:
    if last is None:
        last = first + timedelta(days=end <= begin)
    starts_at, ends_at = _moment(first, begin, zone), _moment(last, end, zone)
    return (starts_at, ends_at) if ends_at - starts_at >= _SHORTEST else None


def _moment(day: date, minutes: int, zone: str) -> datetime:
    midnight = datetime.combine(day, time(), ZoneInfo(zone))
    return (midnight + timedelta(minutes=minutes)).astimezone(UTC)
