"""Live looks through the monitor's own door."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Protocol

from alerts.conditions import health_of
from hatang.errors import HatangError, UnavailableError
from monitors.elements import Element

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from alerts.graph import Health
    from monitors.client import KnownState

AT_ONCE: Final = 32
SECONDS: Final = 8.0
"""How long all looks of one step may take together; a page must not wait longer for them."""


class Monitor(Protocol):
    """Measures one element now; `monitors.client.MonitorClient` does."""

    async def verify(self, element: Element) -> KnownState:
        """Return the state of `element` after a fresh look."""
        ...


class MonitorVerifier:
    """Looks at many elements at once; call it from a thread without an event loop."""

    def __init__(self, monitor: Monitor, seconds: float = SECONDS) -> None:
        self._monitor = monitor
        self._seconds = seconds

    def verify(self, elements: Collection[str]) -> Mapping[str, Health]:
        """Return what each element showed; those that could not be looked at are absent.

        Raises:
            UnavailableError: none could be looked at.
        """
        found = asyncio.run(self._all(sorted(elements)))
        if elements and not found:
            raise UnavailableError("the monitors gave no live look")
        return found

    async def _all(self, elements: list[str]) -> dict[str, Health]:
        found: dict[str, Health] = {}
        gate = asyncio.Semaphore(AT_ONCE)

        async def look(name: str) -> None:
            async with gate:
                try:
                    known = await self._monitor.verify(Element.parse(name))
                except (HatangError, ValueError):
                    return
                kind = known.element.kind.value
                found[name] = health_of(kind, known.state.value, known.cause.value)

        tasks = [asyncio.create_task(look(name)) for name in elements]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self._seconds)
            for task in late:
                task.cancel()
        return found
