"""What a monitor spends on a device: its whole watch, run over the agent in C.

`python -m bench.snmp.collecting NAME PORT DEVICES FLYING`: polls all devices several times and
prints the figures of the last sweeps. Of every device, as in the monitor: the turn, the query,
what is made of rows and columns, judging each port, writing the text for Prometheus, and putting
it where a scrape finds it. With `echo` in the name each device is pinged before, as the monitor
does. With `modules` the plan is that of the built-in modules, else the twelve columns of the job.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.snmp.client import PORTS, TABLE, address, cpu
from hatang.drivers.icmp import IcmpPinger
from hatang.drivers.protocols import PingResult
from hatang.drivers.snmp import Engine, SnmpLimits
from hatang.drivers.target import SnmpCommunity, SnmpUser
from monitors.board import Board, policies
from monitors.exposition import Exposition, page_count
from monitors.modules.plan import Asked, compile_plan, plan_for
from monitors.modules.schema import Module
from monitors.process import YOUNG_COLLECTIONS, YOUNG_OBJECTS
from monitors.slots import Slots
from monitors.targets import DeviceTarget
from monitors.transports import NetworkTransports
from monitors.watch import DeviceWatch, Shared

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hatang.drivers.protocols import Pinger
    from monitors.modules.plan import Plan

NAMES = (
    "ifAdminStatus", "ifOperStatus", "ifInDiscards", "ifInErrors", "ifOutDiscards", "ifOutErrors",
    "ifName", "ifHCInOctets", "ifHCInUcastPkts", "ifHCOutOctets", "ifHCOutUcastPkts", "ifHighSpeed",
)  # fmt: skip
SWEEPS = 5
WRITE_SECONDS = 1.0


@dataclass(frozen=True)
class Answering:
    """Says of every address that it answered an echo, for the cost of SNMP alone."""

    async def ping(
        self, addresses: Sequence[str], *, count: int = 3, timeout_seconds: float = 2.0
    ) -> dict[str, PingResult]:
        """Return an answer for each address."""
        return {one: PingResult(one, count, count, 0.001) for one in addresses}


def job() -> Plan:
    """Return the plan of the twelve columns, all of them read each time."""
    named = list(zip(NAMES, TABLE, strict=True))
    table: dict[str, Any] = {
        "name": "ifTable",
        "index": [{"name": "ifIndex"}],
        "key": "ifOperStatus",
        "labels": [{"name": n, "oid": oid, "every": 1} for n, oid in named if n == "ifName"],
        "metrics": [
            {"name": n, "oid": oid, "type": "gauge", "help": "h"}
            for n, oid in named
            if n != "ifName"
        ],
    }
    about = {"name": "job", "source": "bench", "when": [{"any": True}], "tables": [table]}
    return compile_plan([Module.model_validate(about)])


def watches(name: str, port: int, devices: int) -> Iterator[DeviceWatch]:
    """Yield a watch of each device."""
    login = (
        SnmpUser("nms", "auth-password", "priv-password")
        if "v3" in name
        else SnmpCommunity("public", "b")
    )
    limits = SnmpLimits(request_seconds=2.0, deadline_seconds=24.0, retries=1)
    pinger: Pinger = IcmpPinger() if "echo" in name else Answering()
    shared = Shared(
        Board(policies(60.0)),
        Exposition(),
        NetworkTransports(pinger, limits, Engine()),
        Slots(1000, 1000),
    )
    plan = plan_for("frr", "core") if "modules" in name else job()
    for number in range(devices):
        target = DeviceTarget(
            key=f"key-{number}", name=f"sw-{number}", site="dc", role="core", platform="frr",
            address=address(number), snmp_port=port, snmp=login,
        )  # fmt: skip
        watch = DeviceWatch(target, shared)
        choice = watch._talk._memory.choice  # noqa: SLF001 - the agent does not say what it is
        choice.plan, choice.asked = plan, Asked("frr", "core")
        yield watch


async def sweep(every: list[DeviceWatch], flying: int) -> int:
    """Poll every device, so many at once; returns how many came whole."""
    todo = iter(every)

    async def work() -> int:
        good = 0
        for watch in todo:
            sample = await watch.poll()
            table = sample.tables.get("ifTable")
            good += bool(
                not sample.gaps and table and len(table.columns.get("ifOutErrors", ())) == PORTS
            )
        return good

    return sum(await asyncio.gather(*(work() for _ in range(flying))))


async def write(board: Board) -> None:
    """Take the transitions, as the monitor does that writes them down."""
    while True:
        board.feed.take()
        await asyncio.sleep(WRITE_SECONDS)


async def measure(every: list[DeviceWatch], flying: int) -> dict[str, object]:
    """Return the median figures of warm sweeps; the collector is tamed as the monitor's is."""
    gc.set_threshold(YOUNG_OBJECTS, YOUNG_COLLECTIONS, 100)
    writing = asyncio.create_task(write(every[0].shared.board))
    for _ in range(4):  # a poll is remembered once it was made twice
        await sweep(every, flying)
    gc.collect()
    gc.freeze()
    spent, good = [], len(every)
    for _ in range(SWEEPS):
        before = cpu()
        good = min(good, await sweep(every, flying))
        spent.append(cpu() - before)
    exposition = every[0].shared.exposition
    before, pages = cpu(), page_count(len(every))
    for page in range(pages):
        exposition.page(page, pages)
    writing.cancel()
    return {
        "good": good,
        "scrape_cpu_s": cpu() - before,
        "cpu_s": sorted(spent)[SWEEPS // 2],
        "samples": sum(exposition.series(watch.target.key) for watch in every),
    }


def main(words: list[str]) -> None:
    """Run the watches named in `words` and print their figures as JSON."""
    name, port, devices, flying = words[0], int(words[1]), int(words[2]), int(words[3])
    figures = asyncio.run(measure(list(watches(name, port, devices)), flying))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(json.dumps({**figures, "devices": devices, "peak_mb": peak / 1024}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
