"""What devices said unasked makes us measure them: merged per device, at most so often.

A hint alone never changes a state. It brings a measurement forward, and the measurement decides.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from hatang import clock, log
from hatang.errors import HatangError
from monitors import own_metrics
from monitors.choices import ElementKind
from monitors.elements import Element

if TYPE_CHECKING:
    from monitors.loop import Loop

_logger = log.get_logger(__name__)

PAUSE_SECONDS: Final = 5.0
"""A device is measured at most so often because of hints."""
AT_ONCE: Final = 8


class Doubts:
    """Measures the devices of `loop` that something was said about."""

    def __init__(self, loop: Loop, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._loop = loop
        self._pause = pause_seconds
        self._waiting: dict[str, None] = {}
        self._rests: set[str] = set()
        self._some = asyncio.Event()

    def add(self, kind: ElementKind, key: str, part: str) -> Element:
        """Have the device `key` measured soon; return the element that was meant.

        `part` names it, or is the ifIndex of an interface. What waits already is not added, so no
        more can wait than devices are watched.

        Raises:
            NotFoundError: this monitor does not watch the device.
        """
        element = self._loop.meant(kind, key, part)
        if key in self._waiting:
            own_metrics.HINTS.labels("merged").inc()
        else:
            own_metrics.HINTS.labels("taken").inc()
            self._waiting[key] = None
            self._some.set()
        return element

    async def serve(self) -> None:
        """Measure what waits until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._work())

    async def _work(self) -> None:
        while True:
            key = next((key for key in self._waiting if key not in self._rests), None)
            if key is None:
                self._some.clear()
                await self._some.wait()
                continue
            del self._waiting[key]
            self._rests.add(key)
            started = clock.monotonic()
            try:
                await self._loop.verify(Element(ElementKind.DEVICE, key))
            except HatangError as error:
                _logger.debug("%s was not measured: %s", key, error)
            except Exception:
                _logger.exception("measuring %s after a hint failed", key)
            rest = max(0.0, self._pause - (clock.monotonic() - started))
            asyncio.get_running_loop().call_later(rest, self._wake, key)

    def _wake(self, key: str) -> None:
        self._rests.discard(key)
        if self._waiting:
            self._some.set()
