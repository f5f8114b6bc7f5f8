"""A monitor of thousands of *simulated* devices in a process of its own, which says how it fares.

`python -m tests.monitors.soaked PORT DEVICES SECONDS PERIOD FLAP [FAULT]` polls the agent in C on
PORT (bench/snmp/agent.c: 20 % dead, 10 % up and down by turns of FLAP seconds) and writes, every
few seconds, one line of JSON: memory, descriptors, CPU, polls and their lateness until then. With
FAULT the process does after each of them what it must not: it `stalls`, `leaks` or `opens` files.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.snmp.client import FIRST_ADDRESS, address
from hatang.drivers.protocols import PingResult
from hatang.drivers.snmp import Engine, SnmpLimits
from hatang.drivers.target import SnmpCommunity
from monitors import own_metrics
from monitors.board import Board, policies
from monitors.exposition import Exposition
from monitors.loop import Loop
from monitors.probes.result import Means
from monitors.process import tame_collector
from monitors.service_watch import ServiceShared
from monitors.slots import Slots
from monitors.targets import DeviceTarget, Targets
from monitors.transports import NetworkTransports
from monitors.watch import Shared
from tests.monitors.fakes import FakeSip

if TYPE_CHECKING:
    from collections.abc import Sequence

DEAD = 3
TELL_SECONDS, LEAST_LINES = 15.0, 12
STALL_SECONDS, LEAK_OCTETS = 1.5, 8 * 2**20
LATE_SECONDS = 1.0


@dataclass
class Echoes:
    """Answers echoes as the agent answers requests; who is silent costs the whole wait."""

    flap: int

    async def ping(
        self, addresses: Sequence[str], *, count: int = 3, timeout_seconds: float = 2.0
    ) -> dict[str, PingResult]:
        (one,) = addresses
        if is_silent(one, self.flap, time.monotonic()):
            await asyncio.sleep(timeout_seconds)
            return {one: PingResult(one, count, 0, None)}
        return {one: PingResult(one, count, count, 0.001)}


def is_silent(one: str, flap: int, now: float) -> bool:
    """Say of an address what the agent does."""
    octets = [int(octet) for octet in one.split(".")]
    place = octets[3] % 10
    if place + 1 != DEAD:
        return place < DEAD
    return (int(now) // flap + (octets[0] << 16) + (octets[1] << 8) + octets[2]) % 2 == 1


def is_healthy(number: int) -> bool:
    """Return whether a device always answers."""
    return (FIRST_ADDRESS + number & 0xFF) % 10 >= DEAD


def loop_of(port: int, devices: int, period: float, flap: int) -> Loop:
    """Return a loop that polls the agent as so many devices, and has taken them on."""
    limits = SnmpLimits(request_seconds=2.0, deadline_seconds=period * 0.8, retries=1)
    pinger = Echoes(flap)
    board, exposition = Board(policies(period)), Exposition()
    transports = NetworkTransports(pinger, limits, Engine())
    shared = Shared(
        board, exposition, transports, Slots(500, 500),
        deadline_seconds=period * 0.8, stale_seconds=period * 3,
    )  # fmt: skip
    services = ServiceShared(board, exposition, Means(pinger, FakeSip()))
    return Loop(shared, services, period_seconds=period, concurrency=500)


def targets(port: int, devices: int) -> Targets:
    """Return the devices of the agent."""
    login = SnmpCommunity("public", "soak")
    return Targets(
        tuple(
            DeviceTarget(
                key=f"key-{n}", name=f"sw-{n}", site=f"site-{n % 100}", role="core",
                platform="frr", address=address(n), snmp_port=port, snmp=login,
            )
            for n in range(devices)
        )
    )  # fmt: skip


def told(loop: Loop, devices: int) -> dict[str, float]:
    """Return how the monitor fares."""
    samples = loop.samples()
    healthy = [f"key-{n}" for n in range(devices) if is_healthy(n)]
    now = max((s.at for s in samples.values()), default=None)
    ages = [
        (now - samples[k].at).total_seconds()
        for k in healthy
        if now is not None and k in samples and samples[k].answered
    ]
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "rss_mb": int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20,
        "blocks": sys.getallocatedblocks(),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "cpu_s": used.ru_utime + used.ru_stime,
        "polls": _count(own_metrics.LATENESS),
        "late": _count(own_metrics.LATENESS) - _count(own_metrics.LATENESS, LATE_SECONDS),
        "skipped": own_metrics.SKIPPED.labels("device")._value.get(),
        "devices": devices,
        "healthy": len(healthy),
        "healthy_fresh": len(ages),
        "oldest_s": max(ages, default=-1.0),
    }


def _count(histogram: object, below: float = float("inf")) -> float:
    """Return how many polls began within `below` seconds of their time."""
    families = own_metrics.LATENESS.collect()
    return next(
        sample.value
        for family in families
        for sample in family.samples
        if sample.name.endswith("_bucket")
        and sample.labels["kind"] == "device"
        and float(sample.labels["le"]) == below
    )


def misbehave(fault: str, hoard: list[object]) -> None:
    """Do what `fault` names, and keep in `hoard` what must not be kept."""
    if fault == "stalls":
        time.sleep(STALL_SECONDS)
    elif fault == "leaks":
        hoard.append(bytearray(LEAK_OCTETS))
    elif fault == "opens":
        hoard.append(os.open(os.devnull, os.O_RDONLY))


async def soak(loop: Loop, targets: Targets, *, seconds: float, fault: str = "") -> None:
    """Poll for `seconds`, and say how it goes."""
    own_metrics.LATENESS.labels("device")
    await loop.apply(targets)
    hoard: list[object] = []
    serving = asyncio.create_task(loop.serve())
    taming = asyncio.create_task(tame_collector())
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        await asyncio.sleep(min(TELL_SECONDS, seconds / LEAST_LINES))
        line = {"at": time.monotonic() - began, **told(loop, len(targets.devices))}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        loop.board.feed.take()  # as who writes transitions down does each second
        misbehave(fault, hoard)
        if serving.done():
            serving.result()
    for task in (serving, taming):
        task.cancel()
    await asyncio.gather(serving, taming, return_exceptions=True)


async def main(words: list[str]) -> None:
    """Poll as the words of the command say."""
    port, devices, seconds, period, flap = map(int, words[:5])
    loop = loop_of(port, devices, period, flap)
    await soak(loop, targets(port, devices), seconds=seconds, fault="".join(words[5:]))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
