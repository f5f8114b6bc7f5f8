"""The identity of an alert, computed as Alertmanager computes it.

FNV-1a, 64 bits (draft-eastlake-fnv, constants from its section 5), over the labels sorted by
name, each as name, 0xff, value, 0xff: 0xff occurs in no UTF-8 text, so no two sets collide by
running together.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_OFFSET: Final = 0xCBF2_9CE4_8422_2325
_PRIME: Final = 0x0000_0100_0000_01B3
_MASK: Final = 0xFFFF_FFFF_FFFF_FFFF

REMEMBERED: Final = 20_000
"""Senders repeat their alerts each minute; the loop over bytes is what costs."""
REPLICA_LABELS: Final = frozenset({"replica", "prometheus_replica", "__replica__"})
"""Labels by which replicas of one Prometheus differ; with them one fault would be two alerts."""


def fingerprint(labels: Mapping[str, str]) -> str:
    """Return the 16 hexadecimal digits Alertmanager shows for `labels`."""
    return _digest(tuple(sorted((name.encode(), text.encode()) for name, text in labels.items())))


@lru_cache(maxsize=REMEMBERED)
def _digest(labels: tuple[tuple[bytes, bytes], ...]) -> str:
    value = _OFFSET
    for pair in labels:
        for byte in b"%b\xff%b\xff" % pair:
            value = ((value ^ byte) * _PRIME) & _MASK
    return f"{value:016x}"


def without_replicas(
    labels: Mapping[str, str], dropped: Collection[str] = REPLICA_LABELS
) -> dict[str, str]:
    """Return `labels` without those that only tell replicas apart."""
    return {name: value for name, value in labels.items() if name not in dropped}
