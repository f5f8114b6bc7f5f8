"""When a change may run: within its window, and over nothing that is booked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from hatang import calendar, clock
from hatang.errors import ConflictError, Problem
from playbooks.changes.bookings import EXCLUSIVE, booked_elements, named, require_clear
from playbooks.changes.push import MARGIN_SECONDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from hatang.db import AnySession
    from playbooks.models import Change


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when pushes may run; None leaves that side open."""

    opens_at: datetime | None = None
    closes_at: datetime | None = None


ALWAYS: Final = Window()


def problems(
    session: AnySession, window: Window, device_ids: Collection[int], revert_seconds: int
) -> Iterator[Problem]:
    """Yield what is wrong with a window: past, too short, or over a booking."""
    opens, closes = window.opens_at or clock.now(), window.closes_at
    if closes is None:
        return
    shown = f"{closes:%Y-%m-%d %H:%M} UTC"
    if closes <= clock.now():
        yield Problem("change", "closes_at", shown, "is past", "Give a window that comes.")
        return
    if closes - opens < timedelta(seconds=revert_seconds + MARGIN_SECONDS):
        fix = "Give it more time, or the devices less to take an unconfirmed change back."
        yield Problem("change", "closes_at", shown, "leaves no time for a push", fix)
        return
    elements = booked_elements(session, device_ids)
    for one in calendar.overlapping(session, elements, opens, closes, EXCLUSIVE)[:10]:
        times = f"{one.starts_at:%Y-%m-%d %H:%M} to {one.ends_at:%Y-%m-%d %H:%M} UTC"
        element = named(session, one.element)
        message = f"{element} is booked from {times} for {one.title or one.source}"
        yield Problem("change", "window", shown, message, "Give a window beside it.")


def is_early(change: Change) -> bool:
    """Return whether the change's window has not opened yet."""
    return change.opens_at is not None and clock.now() < change.opens_at


def require_open(session: AnySession, change: Change, device_ids: Collection[int]) -> None:
    """Return when a push of these devices may begin now and will be over in time.

    Raises:
        ConflictError: the window is not open long enough, or something is booked there.
    """
    if is_early(change):
        raise ConflictError(
            f"the window opens at {change.opens_at:%Y-%m-%d %H:%M} UTC", fix="Wait for it."
        )
    needed = timedelta(seconds=change.revert_seconds + MARGIN_SECONDS)
    if change.closes_at is not None and clock.now() + needed > change.closes_at:
        raise ConflictError(
            f"the window closes at {change.closes_at:%Y-%m-%d %H:%M} UTC, too soon for a push",
            fix="Write the change down anew, with a later window.",
        )
    require_clear(session, device_ids, change.revert_seconds)
