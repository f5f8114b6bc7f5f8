"""The only place that asks what time it is, so that tests can hold the hands."""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Hand:
    """A clock that moves only when told to."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("a clock needs an aware time")
        self._at = at.astimezone(UTC)
        self._elapsed = 0.0

    def advance(self, seconds: float) -> None:
        """Move on by `seconds`."""
        self._elapsed += seconds

    @property
    def elapsed(self) -> float:
        """Seconds advanced since the hand was set."""
        return self._elapsed

    @property
    def at(self) -> datetime:
        """The time the hand shows, aware, UTC."""
        return self._at + timedelta(seconds=self._elapsed)


_held: ContextVar[Hand | None] = ContextVar("hatang_clock", default=None)


def now() -> datetime:
    """Return the current time, aware, in UTC."""
    hand = _held.get()
    return datetime.now(UTC) if hand is None else hand.at


def monotonic() -> float:
    """Return seconds of a clock that never steps back; only differences have a meaning."""
    hand = _held.get()
    return time.monotonic() if hand is None else hand.elapsed


@contextmanager
def frozen(at: datetime) -> Iterator[Hand]:
    """Hold the clock at `at` inside the block; `advance` on the yielded hand moves it."""
    hand = Hand(at)
    token = _held.set(hand)
    try:
        yield hand
    finally:
        _held.reset(token)


def from_timestamp(seconds: float) -> datetime:
    """Return the aware UTC time of a Unix timestamp."""
    return datetime.fromtimestamp(seconds, UTC)
