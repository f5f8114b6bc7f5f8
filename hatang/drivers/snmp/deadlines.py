"""One timer for every request in flight: what is due is found by the tick it falls into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

TICK_SECONDS: Final = 0.05


class Waiting(Protocol):
    """Something that waits until the tick `due`, 0 when for nothing; `seat` is for who watches."""

    due: int
    seat: int

    def expired(self) -> None:
        """Take note that the time is over."""
        ...


class Deadlines:
    """Calls `expired` of whatever still waits when its time, rounded up to a tick, has come.

    Who waits again and again has one seat, and moves on when its tick comes. `on_tick` is called
    after that, as long as anybody has a seat.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, on_tick: Callable[[], None]) -> None:
        self._loop = loop
        self._on_tick = on_tick
        self._slots: dict[int, list[Waiting]] = {}
        self._at = int(loop.time() / TICK_SECONDS)
        self._timer: asyncio.TimerHandle | None = None

    def add(self, waiting: Waiting, when: float) -> None:
        """Watch `waiting` until the loop's time `when`."""
        tick = int(when / TICK_SECONDS) + 1
        waiting.due = tick
        if waiting.seat == 0 or tick < waiting.seat:
            self._enter(waiting, tick)

    def stop(self) -> None:
        """Forget everything."""
        for waiting in (each for slot in self._slots.values() for each in slot):
            waiting.seat = 0
        self._slots.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _enter(self, waiting: Waiting, tick: int) -> None:
        waiting.seat = tick
        slot = self._slots.get(tick)
        if slot is not None:
            slot.append(waiting)
            return
        self._slots[tick] = [waiting]
        if self._timer is None:
            self._arm()

    def _arm(self) -> None:
        self._at = min(self._slots, default=self._now()) - 1
        self._timer = self._loop.call_later(TICK_SECONDS, self._tick)

    def _now(self) -> int:
        return int(self._loop.time() / TICK_SECONDS)

    def _tick(self) -> None:
        self._timer = None
        now = self._now()
        for tick in range(min(self._at + 1, now), now + 1):
            for waiting in self._slots.pop(tick, ()):
                if waiting.seat != tick:
                    continue  # it took an earlier one
                waiting.seat = 0
                if waiting.due > now:
                    self._enter(waiting, waiting.due)
                elif waiting.due:
                    waiting.due = 0
                    waiting.expired()
        self._at = now
        self._on_tick()
        if self._slots and self._timer is None:
            self._timer = self._loop.call_later(TICK_SECONDS, self._tick)
