"""One timer for every request in flight: what is due is found by the tick it falls into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

TICK_SECONDS: Final = 0.05


class Waiting(Protocol):
    """Something that waits; `ticket` changes whenever it no longer waits for the same thing."""

    ticket: int

    def expired(self) -> None:
        """Take note that the time is over."""
        ...


class Deadlines:
    """Calls `expired` of whatever still waits when its time, rounded up to a tick, has come.

    `on_tick` is called after that, as long as anything waits.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, on_tick: Callable[[], None]) -> None:
        self._loop = loop
        self._on_tick = on_tick
        self._slots: dict[int, list[tuple[Waiting, int]]] = {}
        self._at = int(loop.time() / TICK_SECONDS)
        self._timer: asyncio.TimerHandle | None = None

    def add(self, waiting: Waiting, when: float) -> None:
        """Watch `waiting` until the loop's time `when`."""
        tick = int(when / TICK_SECONDS) + 1
        slot = self._slots.get(tick)
        entry = (waiting, waiting.ticket)
        if slot is None:
            self._slots[tick] = [entry]
            if self._timer is None:
                self._arm()
        else:
            slot.append(entry)

    def stop(self) -> None:
        """Forget everything."""
        self._slots.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        self._at = min(self._slots, default=self._now()) - 1
        self._timer = self._loop.call_later(TICK_SECONDS, self._tick)

    def _now(self) -> int:
        return int(self._loop.time() / TICK_SECONDS)

    def _tick(self) -> None:
        self._timer = None
        now = self._now()
        for tick in range(min(self._at + 1, now), now + 1):
            for waiting, ticket in self._slots.pop(tick, ()):
                if waiting.ticket == ticket:
                    waiting.expired()
        self._at = now
        self._on_tick()
        if self._slots and self._timer is None:
            self._timer = self._loop.call_later(TICK_SECONDS, self._tick)
