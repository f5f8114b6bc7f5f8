"""What came and went over the shared sockets, counted."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

from prometheus_client import Counter

from hatang.metrics import REGISTRY

DATAGRAMS: Final = Counter(
    "hatang_snmp_datagrams_total",
    "SNMP datagrams of the shared sockets by what became of them.",
    ["outcome"],
    registry=REGISTRY,
)


@dataclass(slots=True)
class Counts:
    """Datagrams `sent`, and received ones by what they were.

    `answered` were taken. `late` belong to no request that is waited for, `foreign` came from
    another address than was asked, `malformed` are no SNMP, `refused` were not believed (wrong
    digest, outside the time window, another version).
    """

    sent: int = 0
    answered: int = 0
    late: int = 0
    foreign: int = 0
    malformed: int = 0
    refused: int = 0

    def publish(self, before: Counts) -> Counts:
        """Add what came since `before` to the metrics, and return a copy of this moment."""
        now = Counts(**asdict(self))
        for outcome, count in asdict(now).items():
            grown = count - getattr(before, outcome)
            if grown:
                DATAGRAMS.labels(outcome).inc(grown)
        return now
