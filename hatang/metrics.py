"""The registry of hatang's own metrics and the few metrics of the kernel itself.

Names follow Prometheus: `hatang_<thing>_<unit>` in base units, counters end in `_total`,
labels come from closed sets.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics

OPEN_METRICS: Final = "application/openmetrics-text"
REGISTRY = CollectorRegistry(auto_describe=True)

OPERATIONS = Counter(
    "hatang_operations_total",
    "Calls to probes, jobs and drivers by how they ended.",
    ["kind", "name", "reason"],
    registry=REGISTRY,
)
OPERATION_SECONDS = Histogram(
    "hatang_operation_seconds",
    "Duration of calls to probes, jobs and drivers.",
    ["kind", "name"],
    buckets=(0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
    registry=REGISTRY,
)


def render(accept: str = "") -> tuple[bytes, str]:
    """Return all metrics of this process, and their content type.

    They are in OpenMetrics where the `Accept` header names it, else in Prometheus' text format.
    """
    if OPEN_METRICS in accept:
        page = openmetrics.generate_latest(REGISTRY)  # type: ignore[no-untyped-call]  # ships none
        return page, openmetrics.CONTENT_TYPE_LATEST
    return generate_latest(REGISTRY), CONTENT_TYPE_PLAIN_0_0_4
