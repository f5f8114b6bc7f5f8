"""Writing a poll as Prometheus text: ours against prometheus_client, in one run.

Job: N devices of 24 ports, the columns of if_mib, every value new. Both sides hold their labels
from an earlier cycle; one cycle sets every value and gives the whole page.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from hatang.errors import Reason
from monitors.exposition import Exposition
from monitors.modules.plan import plan_for
from monitors.renderer import Renderer
from monitors.samples import Cells, PollSample, TableSample
from monitors.targets import DeviceTarget

if TYPE_CHECKING:
    from collections.abc import Callable

PORTS = 24
ROUNDS = 5
AT = datetime(2026, 1, 1, tzinfo=UTC)
PLAN = plan_for("frr", "hub")
TABLE = next(each.table for each in PLAN.tables if each.table.name == "ifTable")
LABELS = ("instance", "device", "site", "role", "ifIndex", "ifName", "ifDescr", "ifAlias")


def sample(cycle: int, texts: dict[str, Cells]) -> PollSample:
    """Return a poll in which every counter has moved."""
    columns: dict[str, Cells] = {
        metric.name: {str(port): cycle * 1_000_003 + port for port in range(1, PORTS + 1)}
        for metric in TABLE.metrics
    }
    table = TableSample({**columns, **texts})
    return PollSample(AT, reachable=True, reason=Reason.OK, tables={"ifTable": table})


def ours(devices: int) -> Callable[[int], str]:
    """Return a cycle of our renderer."""
    exposition = Exposition()
    targets = [DeviceTarget(f"k{n}", f"d{n}", "s", "hub", "frr", "") for n in range(devices)]
    renderers = [Renderer(target, PLAN) for target in targets]
    texts: dict[str, Cells] = {
        label.name: {str(port): b"eth%d" % port for port in range(1, PORTS + 1)}
        for label in TABLE.labels
    }

    def cycle(number: int) -> str:
        polled = sample(number, texts)
        for target, renderer in zip(targets, renderers, strict=True):
            exposition.put(target.key, renderer.render(polled, up=True))
        return exposition.page()

    return cycle


def theirs(devices: int) -> Callable[[int], str]:
    """Return a cycle of prometheus_client with its children kept, its quickest way."""
    registry = CollectorRegistry()
    gauges = [
        Gauge(metric.name, metric.name, LABELS, registry=registry) for metric in TABLE.metrics
    ]
    children = [
        gauge.labels(f"k{n}", f"d{n}", "s", "hub", str(port), *([f"eth{port}"] * 3))
        for gauge in gauges
        for n in range(devices)
        for port in range(1, PORTS + 1)
    ]

    def cycle(number: int) -> str:
        for place, child in enumerate(children):
            child.set(number * 1_000_003 + place)
        return generate_latest(registry).decode()

    return cycle


def seconds(cycle: Callable[[int], str]) -> float:
    """Return the median CPU seconds of a cycle, after one that fills the caches."""
    cycle(0)
    spent = []
    for number in range(1, ROUNDS + 1):
        started = time.process_time()
        cycle(number)
        spent.append(time.process_time() - started)
    return sorted(spent)[ROUNDS // 2]


def run(devices: int = 200) -> list[str]:
    """Return the result as lines."""
    us, them = seconds(ours(devices)), seconds(theirs(devices))
    samples = devices * PORTS * len(TABLE.metrics)
    return [
        f"exposition: {samples} samples of {devices} devices, median CPU of {ROUNDS} cycles",
        f"  hatang             {us * 1e3:8.1f} ms  {us / samples * 1e6:6.2f} µs a sample",
        f"  prometheus_client  {them * 1e3:8.1f} ms  {them / samples * 1e6:6.2f} µs a sample",
        f"  ratio              {them / us:8.1f} x",
        "  limit: Python's string building; the label text of a row is kept between polls",
    ]
