"""Periods as people name them: whole days in the province's time, months."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from hatang.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


def days(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the beginning of the day `first` and the end of the day `last` in `zone`."""
    begin, end = first, last + timedelta(days=1)
    return datetime.combine(begin, time(), zone), datetime.combine(end, time(), zone)


def month_named(text: str) -> date:
    """Return the first day of a month such as 2026-10.

    Raises:
        InvalidInputError: it is none.
    """
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        problem = Problem("request", "month", text, "is no month", "Write one like 2026-10.")
        raise InvalidInputError([problem]) from error
