"""10,000 traps a second: memory bounded, every drop counted, polls on time."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from pathlib import Path
from typing import Any

import pytest

from hatang import log
from monitors import own_metrics
from tests.monitors.fakes import FakeDevice
from tests.monitors.hints import flood
from tests.monitors.running import loop_over, targets

_logger = log.get_logger(__name__)

PER_SECOND = 10_000
DEVICES = 100
QUEUE = 10_000
MOST_GROWTH_BYTES = 64 * 1024 * 1024


@pytest.mark.timed
def test_a_flood_of_three_seconds_is_borne() -> None:
    _borne(3)


@pytest.mark.soak
def test_a_flood_of_a_minute_is_borne() -> None:
    _borne(60)


def _borne(seconds: int) -> None:
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
    assert sent >= PER_SECOND * seconds * 0.5, "the sender itself was too slow to be a flood"
    # What the kernel dropped last it tells with a datagram that never came.
    assert 0 <= sent - accounted <= sent * 0.01
    assert totals["rate"] > 0
    assert totals["longest"] <= QUEUE
    assert growth < MOST_GROWTH_BYTES
    assert skipped == 0
    assert late == 0


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
