from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress

from monitors import own_metrics
from monitors.schedule import Schedule
from monitors.targets import bucket


async def until(condition: object, seconds: float = 5.0) -> None:
    assert callable(condition)
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


async def serving(schedule: Schedule, condition: object) -> None:
    task = asyncio.create_task(schedule.serve())
    try:
        await until(condition)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def test_everybody_has_a_turn_each_period() -> None:
    seen: Counter[str] = Counter()

    async def run(key: str) -> None:
        seen[key] += 1

    async def main() -> None:
        schedule = Schedule("test", 0.05, 10, run)
        schedule.set_members({"a", "b", "c"})
        await serving(schedule, lambda: min((seen[k] for k in "abc"), default=0) >= 3)

    asyncio.run(main())
    assert max(seen.values()) - min(seen.values()) <= 2


def test_a_slow_one_is_skipped_and_counted_and_nobody_waits_for_it() -> None:
    seen: Counter[str] = Counter()

    async def run(key: str) -> None:
        seen[key] += 1
        if key == "slow":
            await asyncio.sleep(60)

    async def main() -> None:
        schedule = Schedule("slowtest", 0.03, 10, run)
        schedule.set_members({"slow", "quick"})
        await serving(schedule, lambda: seen["quick"] >= 5)

    asyncio.run(main())
    assert seen["slow"] == 1
    assert own_metrics.SKIPPED.labels("slowtest")._value.get() >= 1


def test_one_that_raises_is_tried_again_and_stops_nobody() -> None:
    seen: Counter[str] = Counter()

    async def run(key: str) -> None:
        seen[key] += 1
        if key == "broken":
            raise RuntimeError("bang")

    async def main() -> None:
        schedule = Schedule("test", 0.03, 10, run)
        schedule.set_members({"broken", "whole"})
        await serving(schedule, lambda: seen["broken"] >= 2 and seen["whole"] >= 2)

    asyncio.run(main())


def test_no_more_run_at_a_time_than_allowed() -> None:
    running, most = 0, 0

    async def run(_: str) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1

    async def main() -> None:
        schedule = Schedule("test", 0.02, 2, run)
        schedule.set_members({str(n) for n in range(8)})
        await serving(schedule, lambda: most >= 2)
        assert most == 2

    asyncio.run(main())


def test_who_left_is_not_called_again() -> None:
    seen: Counter[str] = Counter()

    async def run(key: str) -> None:
        seen[key] += 1

    async def main() -> None:
        schedule = Schedule("test", 0.02, 5, run)
        schedule.set_members({"a", "b"})
        await serving(schedule, lambda: seen["a"] >= 1 and seen["b"] >= 1)
        schedule.set_members({"b"})
        before = seen["a"], seen["b"]
        await serving(schedule, lambda: seen["b"] >= before[1] + 3)
        assert seen["a"] == before[0]

    asyncio.run(main())


def test_a_key_belongs_to_the_same_shard_everywhere() -> None:
    assert [bucket(key, 4) for key in ("a", "b", "c", "d")] == [3, 1, 3, 0]
