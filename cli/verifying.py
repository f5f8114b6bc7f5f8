"""The live look correlation takes before it blames something."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from alerts.conditions import health_of
from cli.health import measure
from hatang.errors import HatangError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from alerts.graph import Health
    from monitors.client import MonitorClient


class MonitorVerifier:
    """Looks at elements anew for correlation."""

    def __init__(self, monitor: MonitorClient) -> None:
        self._monitor = monitor

    def verify(self, elements: Collection[str]) -> Mapping[str, Health]:
        """Return what each element showed; those that could not be looked at are absent."""
        seen = asyncio.run(measure(self._monitor, elements))
        return {
            name: health_of(state.element.kind, state.state, state.cause)
            for name, state in seen.items()
            if not isinstance(state, HatangError)
        }
