"""Books elements for a time and answers what is booked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from hatang.calendar.models import CalendarEntry
from hatang.clock import now
from hatang.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from hatang.db import AnySession, WriteSession


@dataclass(frozen=True, slots=True)
class Booking:
    """An element taken from `starts_at` until just before `ends_at`, and by whom (`source`)."""

    id: int
    element: str
    starts_at: datetime
    ends_at: datetime
    kind: str
    source: str
    title: str


def book(  # noqa: PLR0913 - what, when, why and by whom
    session: WriteSession,
    element: str,
    starts_at: datetime,
    ends_at: datetime,
    kind: str,
    *,
    source: str,
    title: str = "",
) -> int:
    """Book `element` (any key, such as `device/17`) and return the booking's id.

    Overlapping bookings are kept: whether two kinds exclude each other is decided above.

    Raises:
        InvalidInputError: the end is not after the start.
    """
    if ends_at <= starts_at:
        message = "does not lie after the start"
        fix = "Give a later end."
        raise InvalidInputError([Problem("booking", "ends_at", str(ends_at), message, fix)])
    entry = CalendarEntry(
        element=element,
        starts_at=starts_at,
        ends_at=ends_at,
        kind=kind,
        source=source,
        title=title,
        created_at=now(),
    )
    session.add(entry)
    session.flush()
    return entry.id


def overlapping(
    session: AnySession,
    elements: Iterable[str] | None,
    starts_at: datetime,
    ends_at: datetime,
    kinds: Iterable[str] | None = None,
) -> list[Booking]:
    """Return the bookings that share a moment with [starts_at, ends_at), earliest first.

    None instead of `elements` or `kinds` means all of them; an empty collection means none.
    """
    entry = CalendarEntry
    statement = (
        select(entry)
        .where(entry.cancelled_at.is_(None))
        .where(entry.starts_at < ends_at, entry.ends_at > starts_at)
        .order_by(entry.starts_at, entry.id)
    )
    if elements is not None:
        statement = statement.where(entry.element.in_(list(elements)))
    if kinds is not None:
        statement = statement.where(entry.kind.in_(list(kinds)))
    return [
        Booking(row.id, row.element, row.starts_at, row.ends_at, row.kind, row.source, row.title)
        for row in session.scalars(statement)
    ]


def cancel(session: WriteSession, source: str) -> int:
    """Cancel every booking of `source` and return how many there were; the rows stay."""
    statement = (
        update(CalendarEntry)
        .where(CalendarEntry.source == source, CalendarEntry.cancelled_at.is_(None))
        .values(cancelled_at=now())
        .returning(CalendarEntry.id)
    )
    return len(session.scalars(statement).all())
