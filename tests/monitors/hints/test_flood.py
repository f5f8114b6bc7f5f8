"""10,000 traps a second: memory bounded, every drop counted, polls on time."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from hatang import log
from monitors import own_metrics
from tests.acceptance.red import hold, turns_red
from tests.monitors.fakes import FakeDevice
from tests.monitors.hints import flood
from tests.monitors.running import loop_over, targets

_logger = log.get_logger(__name__)

PER_SECOND = 10_000
DEVICES = 100
QUEUE = 10_000
MOST_GROWTH_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Flood:
    """What a flood came to; `accounted` are the hints handed on and the drops counted."""

    wanted: int
    sent: int
    accounted: int
    rated: int
    longest: int
    growth: int
    skipped: int
    late: int


def check(found: Flood) -> None:
    """Memory is bounded, every drop is counted, and polls are on time."""
    hold(found.sent >= found.wanted * 0.5, "the sender itself was too slow to be a flood")
    # What the kernel dropped last it tells with a datagram that never came.
    missing = found.sent - found.accounted
    hold(0 <= missing <= found.sent * 0.01, f"{missing} of {found.sent} were lost untold")
    hold(found.rated > 0, "nobody was held to a rate")
    hold(found.longest <= QUEUE, f"{found.longest} waited")
    hold(found.growth < MOST_GROWTH_BYTES, f"grew by {found.growth} bytes")
    hold((found.skipped, found.late) == (0, 0), f"{found.skipped} polls skipped, {found.late} late")


@pytest.fixture(scope="module")
def flooded() -> Flood:
    """A flood of three seconds."""
    return _flood(3)


@pytest.mark.timed
def test_a_flood_of_three_seconds_is_borne(flooded: Flood) -> None:
    check(flooded)


@pytest.mark.timed
@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param({"accounted": 0}, id="drops-that-nobody-counts"),
        pytest.param({"longest": QUEUE + 1}, id="a-queue-without-an-end"),
        pytest.param({"growth": MOST_GROWTH_BYTES}, id="memory-without-an-end"),
        pytest.param({"late": 1}, id="polls-that-wait-for-traps"),
    ],
)
def test_sabotage_a_flood_that_is_not_borne(flooded: Flood, spoilt: dict[str, int]) -> None:
    with turns_red():
        check(replace(flooded, **spoilt))


@pytest.mark.soak
def test_a_flood_of_a_minute_is_borne() -> None:
    check(_flood(60))


def _flood(seconds: int) -> Flood:
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    own = {"queue": QUEUE, "sender_per_second": 2_000}
    receiver = spawn.Process(target=flood.receive, args=(theirs, own), daemon=True)
    receiver.start()
    assert receiver.pid is not None
    port = ours.recv()
    before = flood.resident_bytes(receiver.pid, Path("/proc"))
    told, tells = spawn.Pipe()
    sender = spawn.Process(target=flood.send, args=(tells, port, PER_SECOND, seconds), daemon=True)
    sender.start()
    late, skipped = asyncio.run(_poll(seconds + 1))
    sent = told.recv()
    growth = flood.resident_bytes(receiver.pid, Path("/proc")) - before
    ours.send(sent)
    totals: dict[str, Any] = ours.recv()
    for process in (sender, receiver):
        process.join(20)
    accounted = totals["hints"] + sum(totals[reason] for reason in flood.REASONS)
    _logger.info("sent %s, %s, grown %s bytes, late %s", sent, totals, growth, late)
    wanted, rated, longest = PER_SECOND * seconds, totals["rate"], totals["longest"]
    return Flood(wanted, sent, accounted, rated, longest, growth, skipped, late)


async def _poll(seconds: int) -> tuple[int, int]:
    """Poll with a period of a second; return how many began over a second late or not at all."""
    names = [f"core-{number}" for number in range(DEVICES)]
    loop = loop_over(*((name, FakeDevice().ports(4)) for name in names), period_seconds=1.0)
    await loop.apply(targets(*names))
    lateness, skipped = own_metrics.LATENESS.labels("device"), own_metrics.SKIPPED.labels("device")
    before = _over_a_second(lateness), skipped._value.get()
    serving = asyncio.create_task(loop.serve())
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await asyncio.sleep(0.1)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    return int(_over_a_second(lateness) - before[0]), int(skipped._value.get() - before[1])


def _over_a_second(histogram: Any) -> float:
    pairs = zip(histogram._upper_bounds, histogram._buckets, strict=True)
    return sum(float(count.get()) for bound, count in pairs if bound > 1)
