"""Zones that a calendar defines itself, looked at before they are reckoned. Pure.

Reading a zone reckons every change of its clock until 2037: a rule finer than once a year, or many
of them, would take hours.
"""

from __future__ import annotations

from typing import Final

from icalendar.parser import Contentline, Contentlines

from hatang.errors import InvalidInputError, Problem

MAX_RULES: Final = 50
_KNOWN: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYMONTH", "BYDAY"})
_DAYS: Final = 7
"""The second Sunday of a month is written as its 8th to 14th day, too."""


def require_sane_zones(text: bytes) -> None:
    """Return when every zone changes its clock yearly; raises InvalidInputError otherwise.

    Raises ValueError for what is no calendar at all.
    """
    inside, count = 0, 0
    for line in filter(None, Contentlines.from_ical(text)):  # type: ignore[no-untyped-call]
        try:
            name, _, value = Contentline(line).parts()  # type: ignore[no-untyped-call]
        except ValueError:
            continue  # what cannot be read is told by who reads it
        name = name.upper()
        if value.upper() == "VTIMEZONE":
            inside += {"BEGIN": 1, "END": -1}.get(name, 0)
        elif inside > 0 and name == "RRULE":
            count += 1
            if count > MAX_RULES or not _is_yearly(value):
                fix = "Use a zone of the IANA database, as Asia/Ho_Chi_Minh."
                message = "comes again too often"
                raise InvalidInputError([Problem("calendar", "RRULE", value[:80], message, fix)])


def _is_yearly(rule: str) -> bool:
    given = [part.strip().upper().partition("=")[::2] for part in rule.split(";")]
    parts = dict(given)
    is_told_twice = len(parts) < len(given)
    days = parts.pop("BYMONTHDAY", "")
    once = all("," not in value for value in parts.values())
    return (
        parts.get("FREQ") == "YEARLY"
        and not is_told_twice
        and parts.keys() <= _KNOWN
        and once
        and days.count(",") < _DAYS
    )
