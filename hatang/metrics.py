"""The registry of hatang's own metrics and the few metrics of the kernel itself.

Names follow Prometheus: `hatang_<thing>_<unit>` in base units, counters end in `_total`,
labels come from closed sets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics

if TYPE_CHECKING:
    from collections.abc import Mapping

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


class Snapshot:
    """Shows the rows of a table as a gauge: each time all that there are, and no others.

    A row that stays is never absent in between, so that no alert about it ends by a scrape that
    came at the wrong moment.
    """

    def __init__(self, gauge: Gauge) -> None:
        self._gauge = gauge
        self._shown: set[tuple[str, ...]] = set()

    def show(self, values: Mapping[tuple[str, ...], float]) -> None:
        """Replace what is shown by `values`, by the gauge's labels in their order."""
        for labels, value in values.items():
            self._gauge.labels(*labels).set(value)
        for labels in self._shown - values.keys():
            self._gauge.remove(*labels)
        self._shown = set(values)


def render(accept: str = "") -> tuple[bytes, str]:
    """Return all metrics of this process, and their content type.

    They are in OpenMetrics where the `Accept` header names it, else in Prometheus' text format.
    """
    if OPEN_METRICS in accept:
        page = openmetrics.generate_latest(REGISTRY)  # type: ignore[no-untyped-call]  # ships none
        return page, openmetrics.CONTENT_TYPE_LATEST
    return generate_latest(REGISTRY), CONTENT_TYPE_PLAIN_0_0_4
