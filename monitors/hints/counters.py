"""The receiver's metrics about itself; the drops add up, wherever something was lost."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge

from hatang.metrics import REGISTRY

MOST_SENDERS: Final = 1_000
"""Senders with a series of their own; further ones share `other`."""
OTHER: Final = "other"

RECEIVED: Final = Counter(
    "hatang_trap_received_total",
    "Notifications that were understood, by the sending device's key and what they hint at "
    "(unmapped: no rule knows them).",
    ["sender", "kind"],
    registry=REGISTRY,
)
LINES: Final = Counter(
    "hatang_syslog_lines_total",
    "Log lines that were looked at, by what they hint at (unmapped: no rule knows them).",
    ["kind"],
    registry=REGISTRY,
)
DROPPED: Final = Counter(
    "hatang_receiver_dropped_total",
    "What arrived and was not looked at or not believed, by where it came and why.",
    ["source", "reason"],
    registry=REGISTRY,
)
QUEUED: Final = Gauge(
    "hatang_receiver_queue_length",
    "How many wait to be looked at.",
    ["source"],
    registry=REGISTRY,
)
HINTS: Final = Counter(
    "hatang_receiver_hints_total",
    "Hints by what became of them: handed on to a monitor, only kept for people, not watched by "
    "any monitor, unheard because none answered, or lost because too many waited.",
    ["outcome"],
    registry=REGISTRY,
)
DISK_FREE: Final = Gauge(
    "hatang_syslog_disk_free_ratio",
    "Share of the disk that log lines are kept on which is free; no sample while none are taken.",
    ["directory"],
    registry=REGISTRY,
)
