"""A poll loop over fake devices, and the small tools its tests share."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from monitors.loop import Loop
from monitors.probes.result import Means
from monitors.service_watch import ServiceShared
from monitors.targets import Targets
from tests.monitors.fakes import FakeDevice, FakeNetwork, FakeSip, shared, target

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from monitors.plane import PlaneServer


def loop_over(*devices: tuple[str, FakeDevice], period_seconds: float = 30.0) -> Loop:
    """Return a loop that can reach `devices` by name."""
    common = shared(*devices)
    network = FakeNetwork(dict(devices))
    services = ServiceShared(
        common.board, common.exposition, Means(network, FakeSip()), reprobe_seconds=0.0
    )
    return Loop(common, services, period_seconds=period_seconds, concurrency=50)


def targets(*names: str) -> Targets:
    """Return the targets of the devices called `names`."""
    return Targets(tuple(target(name, interfaces=("eth1",)) for name in names))


async def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait for `condition`, at most `seconds`."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def listening(plane: PlaneServer, path: Path) -> AsyncIterator[None]:
    """Serve `plane` on `path` inside the block."""
    server = await plane.start(path)
    try:
        yield
    finally:
        server.close()
        await plane.close()
