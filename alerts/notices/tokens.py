"""Times, days and the words between them, in the order in which they stand in a notice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOURS_A_DAY: Final = 24
_NOON: Final = 12
_SOON: Final = timedelta(days=60)
"""A day without a year lies no further back than this: notices come late, not months late."""


_BEFORE_NOON: Final = frozenset(
    {*((hour, "dem") for hour in range(5)), (10, "trua"), (11, "trua"), (0, "trua")}
)
"""Hours that stay as they are: "2h đêm" is 02:00, "11h trưa" is 11:00."""


class Sort(StrEnum):
    """What a token is."""

    TIME = "time"
    DAY = "day"
    PART = "part"
    TO = "to"
    AND = "and"
    DAWN = "dawn"
    LENGTH = "length"


@dataclass(frozen=True, slots=True)
class Token:
    """Something found at [start, end): minutes of a day, a day, a day's bare number, a length.

    `is_led`: a word such as "ngày" stands right before a bare number.
    """

    sort: Sort
    start: int
    end: int
    minutes: int = 0
    day: date | None = None
    number: int = 0
    is_led: bool = False


_TIME: Final = (
    r"(?P<hour>\d{1,2})\s*(?:(?:h|g|gio)(?![a-z])|:(?=\s*\d))\s*(?P<minute>[0-5]\d)?"
    r"(?:\s*(?:phut|')|:[0-5]\d)?(?:\s*(?P<part>sang|trua|chieu|dem|toi(?!\s*\d{1,2}\s*[hg:]))\b)?"
)
_DATE: Final = (
    r"(?P<d1>\d{1,2})\s*/\s*(?P<m1>\d{1,2})(?:\s*/\s*(?P<y1>20\d\d|\d\d))?(?![\d/])"
    r"|(?P<d2>\d{1,2})\s*[.-]\s*(?P<m2>\d{1,2})\s*[.-]\s*(?P<y2>20\d\d)(?!\d)"
    r"|(?P<d3>\d{1,2})\s*thang\s*(?P<m3>\d{1,2})(?:\s*(?:nam\s*|/\s*)(?P<y3>20\d\d))?(?!\d)"
)
_NEAR: Final = r"(?P<near>hom nay|toi nay|dem nay|ngay mai|sang mai|trua mai|chieu mai|toi mai)\b"
_LENGTH: Final = (
    r"(?:trong(?: vong| khoang)?|keo dai(?: khoang)?|du kien trong|thoi luong|trong thoi gian)"
    r"\s*:?\s*(?P<much>\d{1,3}(?:[.,]\d)?)\s*(?P<unit>gio|tieng|h|phut|ngay)\b"
)
_TO: Final = (
    r"(?P<to>\bden\b|\btoi\b(?! nay| mai)|–|—|→|->|~|(?<=\s)-(?=\s)|(?<=[\dhg'])-(?=\d)"
    r"|\bket thuc\b|\bhoan thanh\b|\bkhoi phuc\b|\bdong dien lai\b)"
)
_DAWN: Final = r"(?P<dawn>\brang(?: sang)?\b)"
_AND: Final = r"(?P<and>\bva\b|,|;|&)"
_BARE: Final = r"(?P<bare>(?<![\d./:-])\d{1,2}(?![\d./:]|\s*(?:h|g|gio|/|thang)))"
_LEADING: Final = re.compile(r"\b(?:ngay|dem|toi|sang|chieu)\s*:?\s*$")
_ANY: Final = re.compile(
    "|".join(
        (
            rf"(?P<length>{_LENGTH})",
            rf"(?P<date>(?<![\d/.-])(?:{_DATE}))",
            rf"(?P<time>(?<![\d:/.]){_TIME})",
            _NEAR,
            _TO,
            _DAWN,
            _AND,
            _BARE,
        )
    )
)


def tokens(folded: str, today: date) -> list[Token]:
    """Return what a folded notice says of time; a day without a year is the nearest to `today`."""
    found = list(_raw(folded, today))
    return list(_filled(found))


def _raw(folded: str, today: date) -> Iterator[Token]:
    for match in _ANY.finditer(folded):
        token = _token(match, today)
        if token is not None:
            yield token


def _token(match: re.Match[str], today: date) -> Token | None:
    start, end = match.span()
    if match["length"]:
        return Token(Sort.LENGTH, start, end, minutes=_length(match["much"], match["unit"]))
    if match["date"]:
        day = _day(match, today)
        return Token(Sort.DAY, start, end, day=day) if day else None
    if match["time"]:
        minutes = _minutes(int(match["hour"]), int(match["minute"] or 0), match["part"] or "")
        return None if minutes is None else Token(Sort.TIME, start, end, minutes=minutes)
    if match["near"]:
        offset = 0 if match["near"].endswith("nay") else 1
        return Token(Sort.DAY, start, end, day=today + timedelta(days=offset))
    if match["bare"]:
        number = int(match["bare"])
        is_led = _LEADING.search(match.string, max(0, start - 12), start) is not None
        part = Token(Sort.PART, start, end, number=number, is_led=is_led)
        return part if 1 <= number <= 31 else None
    named = {"to": Sort.TO, "dawn": Sort.DAWN, "and": Sort.AND}
    return Token(next(sort for name, sort in named.items() if match[name]), start, end)


def _filled(found: list[Token]) -> Iterator[Token]:
    """Yield the tokens, a bare number as the day it is: "ngày 05 và 06/12" means two days.

    A number that no word for a day leads, itself or through its list, is something else's.
    """
    is_list = False
    for index, token in enumerate(found):
        if token.sort is not Sort.PART:
            is_list = is_list and token.sort in (Sort.AND, Sort.TO, Sort.DAWN)
            yield token
            continue
        is_list = is_list or token.is_led
        day = _named_after(found, index) if is_list else None
        if day is not None:
            try:
                yield Token(Sort.DAY, token.start, token.end, day=day.replace(day=token.number))
            except ValueError:
                continue


def _named_after(found: list[Token], index: int) -> date | None:
    """Return the full day that ends the list in which the bare number at `index` stands."""
    before = found[index]
    for token in found[index + 1 :]:
        if token.start - before.end > len(" rang sang ngay "):
            return None
        if token.sort is Sort.DAY:
            return token.day
        if token.sort is Sort.LENGTH:
            return None
        before = token
    return None


def _day(match: re.Match[str], today: date) -> date | None:
    for form in "123":
        if match[f"d{form}"]:
            day, month, year = match[f"d{form}"], match[f"m{form}"], match[f"y{form}"]
            return _calendar(int(day), int(month), year, today)
    return None


def _calendar(day: int, month: int, year: str | None, today: date) -> date | None:
    try:
        if year:
            return date(int(year) if len(year) > 2 else 2000 + int(year), month, day)
        found = date(today.year, month, day)
        return found if found >= today - _SOON else found.replace(year=today.year + 1)
    except ValueError:
        return None


def _minutes(hour: int, minute: int, part: str) -> int | None:
    """Return minutes since midnight; "5h chiều" is 17:00, "12h đêm" the day's end."""
    if hour > _HOURS_A_DAY or (hour == _HOURS_A_DAY and minute):
        return None
    if part == "dem" and hour == _NOON:
        hour = _HOURS_A_DAY
    elif hour < _NOON and (hour, part) not in _BEFORE_NOON and part not in ("", "sang"):
        hour += _NOON
    return hour * 60 + minute


def _length(much: str, unit: str) -> int:
    # "trong 2 ngày 05 và 06/12" counts the days that follow: it is no length of one outage.
    each = {"phut": 1, "ngay": 0}.get(unit, 60)
    return round(float(much.replace(",", ".")) * each)
