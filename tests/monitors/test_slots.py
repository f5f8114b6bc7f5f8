from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatang.errors import DriverError, Reason
from monitors.slots import Slots

PATIENT = 60.0


async def hold(slots: Slots, name: str, order: list[str], *where: object) -> None:
    priority, site = where
    async with slots.turn(int(str(priority)), str(site), PATIENT):
        order.append(name)
        await asyncio.sleep(0)


async def queued(slots: Slots, *waiters: tuple[str, int, str]) -> list[str]:
    """Return in which order `waiters` had their turn, all of them having come at once."""
    order: list[str] = []
    async with slots.turn(0, "busy", PATIENT):
        tasks = [asyncio.create_task(hold(slots, n, order, p, s)) for n, p, s in waiters]
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    return order


def test_the_more_important_goes_first_and_equals_in_the_order_they_came() -> None:
    came = (("desk", 3, "a"), ("core", 0, "b"), ("hub", 1, "c"), ("core-2", 0, "d"))
    order = asyncio.run(queued(Slots(1, 5), *came))
    assert order == ["core", "core-2", "hub", "desk"]


def test_a_full_site_keeps_nobody_of_another_site_waiting() -> None:
    async def main() -> list[str]:
        order: list[str] = []
        slots = Slots(3, 1)
        async with slots.turn(0, "thin", PATIENT):
            waiting = asyncio.create_task(hold(slots, "thin", order, 0, "thin"))
            await asyncio.sleep(0)
            await hold(slots, "other", order, 9, "other")
        await waiting
        return order

    assert asyncio.run(main()) == ["other", "thin"]


def test_who_gets_no_turn_in_time_is_told_so_and_counted() -> None:
    async def main() -> Slots:
        slots = Slots(1, 1)
        async with slots.turn(0, "a", PATIENT):
            with pytest.raises(DriverError) as caught:
                async with slots.turn(2, "b", 0.01):
                    pass
        assert caught.value.reason is Reason.BUSY
        return slots

    assert asyncio.run(main()).take_load()[1] == {2: 1}


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from("abc"), st.booleans()), min_size=1, max_size=30
    ),
    st.integers(1, 4),
    st.integers(1, 3),
)
def test_limits_hold_and_no_turn_is_lost_whoever_gives_up(
    waiters: list[tuple[int, str, bool]], limit: int, per_site: int
) -> None:
    async def main() -> None:
        slots = Slots(limit, per_site)
        running: list[str] = []

        async def one(priority: int, site: str) -> None:
            async with slots.turn(priority, site, PATIENT):
                running.append(site)
                try:
                    assert len(running) <= limit
                    assert running.count(site) <= per_site
                    await asyncio.sleep(0)
                finally:
                    running.remove(site)

        tasks = [asyncio.create_task(one(priority, site)) for priority, site, _ in waiters]
        await asyncio.sleep(0)
        for task, (_, _, gives_up) in zip(tasks, waiters, strict=True):
            if gives_up:
                task.cancel()
            await asyncio.sleep(0)
        async with asyncio.timeout(5):
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task
            for site in "abc":  # everything is free again
                for _ in range(limit):
                    async with slots.turn(0, site, PATIENT):
                        pass

    asyncio.run(main())
