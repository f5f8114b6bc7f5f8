"""Hints bring measurements forward; they change no state."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from hatang.errors import NotFoundError
from monitors.choices import ElementKind, State
from monitors.client import MonitorClient
from monitors.doubts import Doubts
from monitors.elements import Element
from monitors.plane import PlaneServer
from tests.monitors.fakes import FakeDevice
from tests.monitors.running import listening, loop_over, targets, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from monitors.loop import Loop

KEY = "key-core-1"
CORE = Element(ElementKind.DEVICE, KEY)
PORT = Element(ElementKind.INTERFACE, KEY, "eth1")
OPER_STATUS = "1.3.6.1.2.1.2.2.1.8"


@asynccontextmanager
async def doubting(loop: Loop, pause_seconds: float) -> AsyncIterator[Doubts]:
    doubts = Doubts(loop, pause_seconds)
    task = asyncio.create_task(doubts.serve())
    try:
        yield doubts
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def watched(device: FakeDevice) -> Loop:
    loop = loop_over(("core-1", device))
    await loop.apply(targets("core-1"))
    await loop.verify(CORE)
    return loop


def test_a_hint_through_the_socket_is_measured_and_the_measurement_decides(tmp_path: Path) -> None:
    async def run() -> None:
        device = FakeDevice().ports(1)
        loop = await watched(device)
        async with doubting(loop, 0.0) as doubts:
            plane = PlaneServer(loop, doubts)
            async with listening(plane, tmp_path / "sock"):
                device.cells[OPER_STATUS]["1"] = 2
                client = MonitorClient(tmp_path / "sock")
                assert await client.hint(ElementKind.INTERFACE, KEY, "1") == PORT
                await until(lambda: loop.board.state(PORT).state is State.BAD)

    asyncio.run(run())


def test_a_hint_that_is_not_true_changes_no_state() -> None:
    async def run() -> None:
        device = FakeDevice().ports(1)
        loop = await watched(device)
        before = loop.sample(KEY)
        async with doubting(loop, 0.0) as doubts:
            doubts.add(ElementKind.INTERFACE, KEY, "eth1")
            await until(lambda: loop.sample(KEY) is not before)
        assert loop.board.state(PORT).state is State.GOOD

    asyncio.run(run())


def test_a_hundred_hints_about_a_device_are_two_measurements_at_most() -> None:
    async def run() -> int:
        loop = await watched(FakeDevice().ports(1))
        polls = 0
        verify = loop.verify

        async def counting(element: Element) -> object:
            nonlocal polls
            polls += 1
            return await verify(element)

        loop.verify = counting  # type: ignore[method-assign, assignment]
        async with doubting(loop, 60.0) as doubts:
            for _ in range(100):
                doubts.add(ElementKind.INTERFACE, KEY, "eth1")
                await asyncio.sleep(0)
            await until(lambda: polls > 0)
        return polls

    assert asyncio.run(run()) <= 2


def test_what_has_no_state_stands_for_its_device() -> None:
    async def run() -> None:
        loop = await watched(FakeDevice().ports(1))
        assert loop.meant(ElementKind.INTERFACE, KEY, "999") == CORE
        assert loop.meant(ElementKind.BGP, KEY, "") == CORE
        with pytest.raises(NotFoundError):
            loop.meant(ElementKind.DEVICE, "nobody", "")

    asyncio.run(run())


def test_one_measurement_that_fails_does_not_end_the_others() -> None:
    async def run() -> None:
        loop = await watched(FakeDevice().ports(1))
        asked: list[Element] = []

        async def failing(element: Element) -> None:
            asked.append(element)
            raise RuntimeError("a bug")

        loop.verify = failing  # type: ignore[method-assign, assignment]
        async with doubting(loop, 0.0) as doubts:
            for count in (1, 2):
                doubts.add(ElementKind.DEVICE, KEY, "")
                await until(lambda count=count: len(asked) == count)  # type: ignore[misc]

    asyncio.run(run())
