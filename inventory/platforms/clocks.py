"""Reads a device's own clock from what it prints; what names no zone that is known is unknown."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from inventory.platforms.schema import linear

if TYPE_CHECKING:
    from inventory.platforms.schema import Clock

ANSWER_LIMIT: Final = 4_096
"""Characters looked at: no device needs more to say what time it is."""
_PLACE: Final = re.compile(r"[A-Za-z_]{2,30}(?:/[A-Za-z0-9_+-]{1,30}){1,2}")
_OFFSET: Final = re.compile(
    r"(?:UTC|GMT)? ?(?P<sign>add |minus |[+-])?"
    r"(?P<hours>\d{1,2})(?:[: ](?P<minutes>\d{1,2})(?::\d\d)?|(?P<joined>\d\d))?",
    re.IGNORECASE,
)
_LONGEST: Final = timedelta(hours=15)
_ZULU: Final = frozenset({"UTC", "GMT", "Z"})


def read(clock: Clock, answer: str, configuration: str) -> datetime | None:
    """Return the time a device told, in UTC; None where no moment follows from its words."""
    answer = answer[:ANSWER_LIMIT]
    parts: dict[str, str] = {}
    for pattern in clock.says:
        found = linear(pattern).search(answer)
        if found is not None:
            parts = {name: text for name, text in found.groupdict().items() if text} | parts
    told = _time(clock, f"{parts.get('date', '')} {parts.get('time', '')}")
    zone = _zone(clock, parts.get("zone", ""), f"{answer}\n{configuration}")
    if told is None or zone is None:
        return None
    try:
        return told.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return None


def _time(clock: Clock, text: str) -> datetime | None:
    for form in clock.forms:
        try:
            return datetime.strptime(" ".join(text.split()), form)  # noqa: DTZ007 - its zone follows
        except ValueError:
            continue
    return None


def _zone(clock: Clock, name: str, text: str) -> tzinfo | None:
    """Return what `name` is worth: as the device defines it, else as everybody reads it."""
    meant = [] if clock.zones is None else list(linear(clock.zones).finditer(text))
    for one in meant:
        if one.groupdict().get("zone", name) == name:
            return _known(one["offset"])
    return _known(name)


def _known(name: str) -> tzinfo | None:
    if name.upper() in _ZULU:
        return UTC
    if _PLACE.fullmatch(name):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return None
    found = _OFFSET.fullmatch(name)
    if found is None:
        return None
    minutes = int(found["minutes"] or found["joined"] or 0)
    offset = timedelta(hours=int(found["hours"]), minutes=minutes)
    if offset > _LONGEST:
        return None
    is_west = (found["sign"] or "").lower().strip() in {"-", "minus"}
    return timezone(-offset if is_west else offset)
