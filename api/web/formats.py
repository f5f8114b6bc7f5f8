"""Numbers and times as people of the current language write them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from hatang import clock
from hatang.i18n import _, language

if TYPE_CHECKING:
    from hatang.reports import Cell

NOTHING: Final = "–"
_PATTERNS: Final = {"vi": "HH:mm 'ngày' dd/MM/yyyy", "en": "HH:mm, d MMM yyyy"}


def moment(at: datetime | None, zone: str) -> str:
    """Return a time of day and date in `zone`; a dash when there is none."""
    if at is None:
        return NOTHING
    pattern = _PATTERNS[language()]
    return format_datetime(at, pattern, tzinfo=ZoneInfo(zone), locale=language())


def typed(text: str, zone: str) -> str:
    """Return what somebody gave: a time with its zone as a time in `zone`, all else as it is."""
    try:
        at = datetime.fromisoformat(text)
        return text if at.tzinfo is None else moment(at, zone)
    except (ValueError, OverflowError):
        return text.strip()


def time_of_day(at: datetime | None, zone: str) -> str:
    """Return hours, minutes and seconds in `zone`."""
    if at is None:
        return NOTHING
    return format_time(at, "HH:mm:ss", tzinfo=ZoneInfo(zone), locale=language())


def day(at: datetime, zone: str) -> str:
    """Return the weekday and date in `zone`."""
    return format_date(at.astimezone(ZoneInfo(zone)), "full", locale=language())


def ago(at: datetime | None) -> str:
    """Return how long ago, or in how long, `at` is."""
    if at is None:
        return NOTHING
    return format_timedelta(at - clock.now(), add_direction=True, locale=language())


def lasting(since: datetime | None, until: datetime | None = None) -> str:
    """Return how long something lasts that began at `since`."""
    if since is None:
        return NOTHING
    return format_timedelta((until or clock.now()) - since, locale=language())


def number(value: float | None) -> str:
    """Return a number; a dash when it was not measured."""
    return NOTHING if value is None else format_decimal(value, locale=language())


def percent(ratio: float | None) -> str:
    """Return a ratio as a percentage; a dash when it was not measured."""
    return NOTHING if ratio is None else format_percent(ratio, "#,##0.#%", locale=language())


def megabits(kbps: int | None) -> str:
    """Return a rate given in kbit/s as Mbit/s."""
    if kbps is None:
        return _("no committed rate")
    return f"{format_decimal(kbps / 1000, locale=language())} Mbit/s"


def bits(bps: float | None) -> str:
    """Return a rate given in bit/s as Mbit/s; a dash when it is not known."""
    if bps is None:
        return NOTHING
    return f"{format_decimal(bps / 1e6, '#,##0.0', locale=language())} Mbit/s"


def seconds(value: float | None) -> str:
    """Return how long something took, in its two largest units; a dash when it was not measured."""
    if value is None:
        return NOTHING
    whole = round(value)
    units = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
    parts: list[tuple[str, int]] = []
    for unit, size in units:
        count, whole = divmod(whole, size)
        if count or parts:
            parts.append((unit, count))
    shown = [one for one in parts[:2] if one[1]] or [("second", 0)]
    # CLDR has Vietnamese words for these units in the short form alone.
    return " ".join(
        format_unit(count, f"duration-{unit}", "short", locale=language()) for unit, count in shown
    )


def cell(value: Cell, zone: str) -> str:
    """Return a report's cell as a page shows it."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, datetime):
        return moment(value, zone)
    return number(value) if isinstance(value, int | float) else str(value)
