"""The identity of an alert, computed as Alertmanager computes it.

FNV-1a, 64 bits, over the labels sorted by name, each as name, 0xff, value, 0xff: 0xff occurs in no
UTF-8 text, so no two sets collide by running together.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from alerts.fnv import fnv1a

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

SEPARATOR: Final = b"\xff"
REMEMBERED: Final = 20_000
"""Senders repeat their alerts each minute; the loop over bytes is what costs."""
REPLICA_LABELS: Final = frozenset({"replica", "prometheus_replica", "__replica__"})
"""Labels by which replicas of one Prometheus differ; with them one fault would be two alerts."""


def fingerprint(labels: Mapping[str, str]) -> str:
    """Return the 16 hexadecimal digits Alertmanager shows for `labels`."""
    return _digest(tuple(sorted(labels.items())))


@lru_cache(maxsize=REMEMBERED)
def _digest(labels: tuple[tuple[str, str], ...]) -> str:
    # Text in the order of its code points is its UTF-8 in the order of bytes.
    parts = [text.encode() for pair in labels for text in pair]
    return f"{fnv1a(b''.join([part + SEPARATOR for part in parts])):016x}"


def without_replicas(
    labels: Mapping[str, str], dropped: Collection[str] = REPLICA_LABELS
) -> dict[str, str]:
    """Return `labels` without those that only tell replicas apart."""
    if labels.keys().isdisjoint(dropped):
        return dict(labels)
    return {name: value for name, value in labels.items() if name not in dropped}
