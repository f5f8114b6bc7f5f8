"""Whose turn it is to talk to its agent: the most important first, few at a time at one site.

Echo requests need no turn, so that devices that are silent never keep others waiting.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from hatang import clock
from hatang.errors import DriverError, Reason

if TYPE_CHECKING:
    from types import TracebackType


@dataclass(order=True, slots=True)
class _Waiter:
    priority: int
    order: int
    site: str = field(compare=False)
    turn: asyncio.Future[None] = field(compare=False)


class Slots:
    """At most `limit` turns at once, at most `per_site` of them at one site.

    A lower number is a higher priority; equals go in the order they came. A site at its limit
    keeps nobody of another site waiting. Belongs to one event loop.
    """

    def __init__(self, limit: int, per_site: int) -> None:
        self.limit = limit
        self._free = limit
        self._per_site = per_site
        self._orders = count()
        self._at_site: Counter[str] = Counter()
        self._ready: list[_Waiter] = []
        self._behind: defaultdict[str, list[_Waiter]] = defaultdict(list)
        self._busy_seconds = 0.0
        self._shed: Counter[int] = Counter()

    def take_load(self) -> tuple[float, Counter[int]]:
        """Return, since the last call, for how long turns were held and who got none, by priority.

        The first is the sum over all turns in seconds.
        """
        load = self._busy_seconds, self._shed
        self._busy_seconds, self._shed = 0.0, Counter()
        return load

    def turn(self, priority: int, site: str, patience_seconds: float) -> Turn:
        """Wait for a turn and hold it in the block; an agent is talked to within it.

        Raises:
            DriverError: BUSY when no turn came in `patience_seconds`; that is counted.
        """
        return Turn(self, priority, site, patience_seconds)

    async def take(self, priority: int, site: str, patience_seconds: float) -> None:
        """Wait for a turn; raises as `turn`."""
        if self._free and not self._ready and self._at_site[site] < self._per_site:
            self._free -= 1
            self._at_site[site] += 1
        else:
            await self._wait(priority, site, patience_seconds)

    def give_back(self, site: str, seconds: float) -> None:
        """End a turn that was held for so many seconds."""
        self._busy_seconds += seconds
        self._release(site)

    async def _wait(self, priority: int, site: str, patience_seconds: float) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiter = _Waiter(priority, next(self._orders), site, turn)
        self._enter(waiter)
        try:
            await asyncio.wait_for(turn, patience_seconds)
        except TimeoutError:
            self._shed[priority] += 1
            raise DriverError("more is to be polled than can be", Reason.BUSY) from None
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._release(site)  # it came in the same moment
            raise

    def _enter(self, waiter: _Waiter) -> None:
        if self._at_site[waiter.site] >= self._per_site:
            heapq.heappush(self._behind[waiter.site], waiter)
        else:
            self._at_site[waiter.site] += 1
            heapq.heappush(self._ready, waiter)
            self._hand_out()

    def _hand_out(self) -> None:
        while self._free and self._ready:
            waiter = heapq.heappop(self._ready)
            if waiter.turn.done():  # it gave up
                self._leave_site(waiter.site)
                continue
            self._free -= 1
            waiter.turn.set_result(None)

    def _release(self, site: str) -> None:
        self._free += 1
        self._leave_site(site)
        self._hand_out()

    def _leave_site(self, site: str) -> None:
        behind = self._behind.get(site, [])
        while behind:
            waiter = heapq.heappop(behind)
            if not waiter.turn.done():
                heapq.heappush(self._ready, waiter)
                return
        self._behind.pop(site, None)
        self._at_site[site] -= 1
        if not self._at_site[site]:
            del self._at_site[site]


class Turn:
    """One turn, held in a block; by hand, for `asynccontextmanager` costs every poll more."""

    __slots__ = ("_began", "_patience", "_priority", "_site", "_slots")

    def __init__(self, slots: Slots, priority: int, site: str, patience_seconds: float) -> None:
        self._slots = slots
        self._priority = priority
        self._site = site
        self._patience = patience_seconds
        self._began = 0.0

    async def __aenter__(self) -> None:
        await self._slots.take(self._priority, self._site, self._patience)
        self._began = clock.monotonic()

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._slots.give_back(self._site, clock.monotonic() - self._began)
