"""Times that people type into a page: local, and shown again as they were typed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from hatang.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

Parsed = TypeVar("Parsed")


def typed(field: str, text: str, zone: str) -> datetime | None:
    """Return what a field of the kind `datetime-local` holds, as UTC; None when it is empty.

    Raises:
        InvalidInputError: it is no time.
    """
    if not text.strip():
        return None

    def parse(given: str) -> datetime:
        found = datetime.fromisoformat(given)
        return found.replace(tzinfo=found.tzinfo or ZoneInfo(zone)).astimezone(UTC)

    return _parsed(field, text, parse, "Write it like 2026-11-28T22:00.")


def needed(field: str, text: str, zone: str) -> datetime:
    """Return the time that a field must hold; raises InvalidInputError as `typed` does."""
    found = typed(field, text, zone)
    if found is None:
        raise InvalidInputError([Problem("request", field, "", "is empty", "Choose a time.")])
    return found


def day(field: str, text: str) -> date:
    """Return what a field of the kind `date` holds; raises InvalidInputError."""
    return _parsed(field, text, date.fromisoformat, "Write it like 2026-11-28.")


def hour(field: str, text: str) -> time:
    """Return what a field of the kind `time` holds; raises InvalidInputError."""
    return _parsed(field, text, time.fromisoformat, "Write it like 22:00.")


def _parsed(field: str, text: str, parse: Callable[[str], Parsed], fix: str) -> Parsed:
    try:
        return parse(text.strip())
    except (ValueError, OverflowError) as error:
        problem = Problem("request", field, text[:40], "is no time", fix)
        raise InvalidInputError([problem]) from error


def shown(at: datetime | None, zone: str) -> str:
    """Return a time as a field of the kind `datetime-local` takes it."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M") if at else ""
