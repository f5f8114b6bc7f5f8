"""No more questions a second than were allowed, overall and towards one network."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from inventory.discovery.order import network_of

if TYPE_CHECKING:
    from inventory.discovery.order import Limits


class Pacer:
    """Hands out turns: each is the next free moment of all lines it needs, first come first served.

    Times are the event loop's own.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._free: dict[str, float] = {}

    def turn(self, address: str, now: float) -> float:
        """Book the next turn towards `address` and return when it is."""
        lines = {
            "": 1 / self._limits.per_second,
            network_of(address): 1 / self._limits.per_network_second,
        }
        at = max(now, *(self._free.get(line, now) for line in lines))
        for line, gap in lines.items():
            self._free[line] = at + gap
        return at

    async def wait(self, address: str) -> None:
        """Wait for the turn towards `address`."""
        now = asyncio.get_running_loop().time()
        await asyncio.sleep(max(0.0, self.turn(address, now) - now))
