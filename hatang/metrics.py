"""The registry of hatang's own metrics and the few metrics of the kernel itself.

Names follow Prometheus: `hatang_<thing>_<unit>` in base units, counters end in `_total`,
labels come from closed sets.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import generate_latest

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


def render() -> bytes:
    """Return all metrics of this process in Prometheus' text format."""
    return generate_latest(REGISTRY)
