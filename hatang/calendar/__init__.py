"""Calendar: which element is taken when, for what and by whom."""

from __future__ import annotations

from hatang.calendar.models import CalendarEntry
from hatang.calendar.service import Booking, book, cancel, overlapping

__all__ = ["Booking", "CalendarEntry", "book", "cancel", "overlapping"]
