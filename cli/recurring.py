"""Days and hours of what comes again, as they are typed into a command."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hatang.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

BeginOption = Annotated[str, typer.Option("--at", help="Hour, HH:MM local time.")]
UntilOption = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day.")]
FirstOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day; today if not given.")
]
MonthdayOption = Annotated[
    int | None, typer.Option(help="Day of each month, 1 to 31; -1 is the last.")
]
WeekOption = Annotated[
    int | None, typer.Option(help="With one --on: its week of the month, 5 is the last.")
]
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def weekdays(names: Iterable[str]) -> tuple[int, ...]:
    """Return the days of the week, 0 Monday to 6 Sunday; raises InvalidInputError for a wrong one.

    Each in order and once, however often it is named.
    """
    return tuple(sorted({_weekday(name) for name in names}))


def _weekday(name: str) -> int:
    if name.casefold() not in WEEKDAYS:
        problem = Problem("request", "on", name, "is no weekday", f"One of {' '.join(WEEKDAYS)}.")
        raise InvalidInputError([problem])
    return WEEKDAYS.index(name.casefold())


def hour(text: str) -> time:
    """Return an hour of the day; raises InvalidInputError."""
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        problem = Problem("request", "at", text, "is no hour", "Write it like 22:00.")
        raise InvalidInputError([problem]) from error
