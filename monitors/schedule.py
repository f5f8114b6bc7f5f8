"""When what is due: every key once a period, spread by its hash, never twice at a time."""

from __future__ import annotations

import asyncio
import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from zlib import crc32

from hatang import clock, log
from monitors import own_metrics
from monitors.placing import nearest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

_RANGE: Final = 2**32
_START_SPACING_SECONDS: Final = 0.02
_IDLE_SECONDS: Final = 1.0

_logger = log.get_logger(__name__)


@dataclass(slots=True)
class Schedule:
    """Calls `run(key)` for each member once every `period_seconds`, `concurrency` at a time.

    A member may have a shorter period of its own.

    A member's place in the period comes from its hash, so that a restart keeps it and no two
    processes poll everything at the same moment; `placed(key)` may name a better one, a moment
    of the monotonic clock that holds for each period. A round that is still running when the
    next is due makes that one be skipped and counted, never queued.
    """

    kind: str
    period_seconds: float
    concurrency: int
    run: Callable[[str], Awaitable[None]]
    placed: Callable[[str], float | None] = lambda _key: None
    _due: list[tuple[float, str]] = field(default_factory=list)
    _members: dict[str, float] = field(default_factory=dict)
    _periods: Mapping[str, float] = field(default_factory=dict)
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def set_members(self, keys: Iterable[str], periods: Mapping[str, float] | None = None) -> None:
        """Make `keys` the members; those that stay keep their place.

        `periods` holds the members whose period is another than that of the schedule.
        """
        self._periods = periods or {}
        wanted = set(keys)
        for key in set(self._members) - wanted:
            del self._members[key]
        added = wanted - set(self._members)
        now = clock.monotonic()
        spread = min(self.period_seconds, max(1.0, len(wanted) * _START_SPACING_SECONDS))
        for key in added:
            due = now + crc32(key.encode()) / _RANGE * spread
            self._members[key] = due
            heapq.heappush(self._due, (due, key))
        own_metrics.TARGETS.labels(self.kind).set(len(self._members))
        self._wake.set()

    async def serve(self) -> None:
        """Run until cancelled; what is running then is cancelled too."""
        slots = asyncio.Semaphore(self.concurrency)
        try:
            while True:
                await self._until_due()
                for due, key in self._take_due():
                    self._start(key, due, slots)
        finally:
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _until_due(self) -> None:
        self._wake.clear()
        wait = self._due[0][0] - clock.monotonic() if self._due else _IDLE_SECONDS
        if wait > 0:
            try:
                await asyncio.wait_for(self._wake.wait(), wait)
            except TimeoutError:
                return

    def _take_due(self) -> list[tuple[float, str]]:
        taken, now = [], clock.monotonic()
        while self._due and self._due[0][0] <= now:
            due, key = heapq.heappop(self._due)
            if self._members.get(key) != due:
                continue  # it left, or came back with another place
            period = self._periods.get(key, self.period_seconds)
            following = due + period
            if following <= now:
                following = now + period
            following = max(now, nearest(following, self.placed(key), period))
            self._members[key] = following
            heapq.heappush(self._due, (following, key))
            taken.append((due, key))
        return taken

    def _start(self, key: str, due: float, slots: asyncio.Semaphore) -> None:
        if key in self._tasks:
            own_metrics.SKIPPED.labels(self.kind).inc()
            return
        task = asyncio.create_task(self._once(key, due, slots))
        self._tasks[key] = task
        task.add_done_callback(lambda _: self._tasks.pop(key, None))

    async def _once(self, key: str, due: float, slots: asyncio.Semaphore) -> None:
        async with slots:
            own_metrics.LATENESS.labels(self.kind).observe(max(0.0, clock.monotonic() - due))
            try:
                await self.run(key)
            except Exception:
                # One broken target must not stop the loop for all others.
                _logger.exception("measuring %s %s failed", self.kind, key)
