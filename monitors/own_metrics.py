"""The monitor's metrics about itself."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from hatang.metrics import REGISTRY

LATENESS: Final = Histogram(
    "hatang_monitor_poll_lateness_seconds",
    "How long after its time a poll or probe began.",
    ["kind"],
    buckets=(0.01, 0.05, 0.25, 1, 2.5, 5, 10, 30, 60, 120),
    registry=REGISTRY,
)
POLLS: Final = Counter(
    "hatang_monitor_polls_total",
    "Polls and probes by how they ended.",
    ["kind", "reason"],
    registry=REGISTRY,
)
SKIPPED: Final = Counter(
    "hatang_monitor_polls_skipped_total",
    "Polls and probes that were due while the one before was still running.",
    ["kind"],
    registry=REGISTRY,
)
TARGETS: Final = Gauge(
    "hatang_monitor_targets",
    "Devices and services this monitor measures.",
    ["kind"],
    registry=REGISTRY,
)
ELEMENTS: Final = Gauge(
    "hatang_monitor_elements",
    "Elements by state.",
    ["state"],
    registry=REGISTRY,
)
TRANSITIONS: Final = Counter(
    "hatang_monitor_transitions_total",
    "Changes of state that were written down, by the state that was entered.",
    ["state"],
    registry=REGISTRY,
)
UNWRITTEN: Final = Gauge(
    "hatang_monitor_flush_failing",
    "1 while transitions cannot be written down, else 0.",
    registry=REGISTRY,
)
SHED: Final = Counter(
    "hatang_monitor_polls_shed_total",
    "Agents not asked in a period for want of time, by priority (0 is the highest).",
    ["priority"],
    registry=REGISTRY,
)
BUSY_RATIO: Final = Gauge(
    "hatang_monitor_busy_ratio",
    "Share of the conversations that may go on at once that did, over the last period.",
    registry=REGISTRY,
)
HINTS: Final = Counter(
    "hatang_monitor_hints_total",
    "Hints that were handed to this monitor: a measurement was asked for (taken), or waited "
    "already (merged).",
    ["outcome"],
    registry=REGISTRY,
)
