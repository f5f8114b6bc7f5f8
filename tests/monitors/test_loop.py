from __future__ import annotations

import asyncio

from monitors.choices import ElementKind, State
from monitors.elements import Element
from monitors.state import ElementState
from monitors.targets import ServiceTarget, Targets
from tests.monitors.fakes import FakeDevice
from tests.monitors.running import loop_over, targets

CORE = Element(ElementKind.DEVICE, "key-core-1")


def test_a_device_that_is_no_target_any_more_leaves_nothing_behind() -> None:
    async def run() -> None:
        loop = loop_over(("core-1", FakeDevice().ports(1)))
        await loop.apply(targets("core-1"))
        await loop.verify(CORE)
        await loop.apply(Targets())
        assert list(loop.board.states()) == []
        assert {element.kind for element in loop.gone} == {
            ElementKind.DEVICE,
            ElementKind.INTERFACE,
        }
        assert loop.sample("key-core-1") is None

    asyncio.run(run())


def test_what_an_earlier_process_knew_of_a_removed_device_is_dropped() -> None:
    async def run() -> None:
        loop = loop_over(("core-1", FakeDevice()))
        loop.board.restore(Element(ElementKind.DEVICE, "removed"), ElementState(State.BAD))
        await loop.apply(targets("core-1"))
        assert loop.gone == {Element(ElementKind.DEVICE, "removed")}

    asyncio.run(run())


def test_the_same_targets_again_change_nothing() -> None:
    async def run() -> None:
        loop = loop_over(("core-1", FakeDevice()))
        assert await loop.apply(targets("core-1"))
        assert not await loop.apply(targets("core-1"))

    asyncio.run(run())


def test_a_service_is_bad_after_three_failures_within_one_round() -> None:
    async def run() -> State:
        loop = loop_over()
        service = ServiceTarget("portal", "http", "http://127.0.0.1:1/", 1)
        await loop.apply(Targets((), (service,)))
        # The address is one of this machine, which a probe outside the lab must not touch.
        return (await loop.verify(Element(ElementKind.SERVICE, "portal"))).state

    assert asyncio.run(run()) is State.BAD
