"""One direction of a wire: decides for each frame when it leaves, or why it never does."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

QUEUE_SECONDS = 0.2  # a carrier's buffer: what would wait longer is dropped


class Cause(StrEnum):
    """Why a frame did not arrive."""

    CUT = "cut"
    LOSS = "loss"
    QUEUE = "queue"
    PORT = "port"  # the far port did not take it (interface down)


@dataclass
class Quality:
    """What the wire does now; may change between two frames."""

    delay_seconds: float = 0.0
    jitter_seconds: float = 0.0
    loss_ratio: float = 0.0
    rate_bps: float = 0.0  # 0 = no limit
    cut: bool = False


@dataclass
class Counters:
    """What happened in one direction since the start."""

    forwarded: int = 0
    forwarded_bytes: int = 0
    dropped: dict[str, int] = field(default_factory=lambda: {cause.value: 0 for cause in Cause})


class Direction:
    """Delay, jitter, loss and rate of one direction; the frames stay in their order."""

    def __init__(self, quality: Quality, random: Random) -> None:
        self.quality = quality
        self.counters = Counters()
        self._random = random
        self._line_free_at = 0.0
        self._last_arrival = 0.0

    def offer(self, now: float, size: int) -> float | None:
        """Return when a frame of `size` bytes arrives (same clock as `now`), None if dropped."""
        quality = self.quality
        if quality.cut:
            self.drop(Cause.CUT)
            return None
        if quality.loss_ratio and self._random.random() < quality.loss_ratio:
            self.drop(Cause.LOSS)
            return None
        sent_at = now
        if quality.rate_bps:
            start = max(now, self._line_free_at)
            if start - now > QUEUE_SECONDS:
                self.drop(Cause.QUEUE)
                return None
            sent_at = self._line_free_at = start + size * 8 / quality.rate_bps
        spread = quality.jitter_seconds
        delay = quality.delay_seconds + (self._random.uniform(-spread, spread) if spread else 0.0)
        self._last_arrival = max(self._last_arrival, sent_at + max(delay, 0.0))
        return self._last_arrival

    def drop(self, cause: Cause) -> None:
        """Count a frame that does not arrive."""
        self.counters.dropped[cause.value] += 1

    def delivered(self, size: int) -> None:
        """Count a frame that arrived."""
        self.counters.forwarded += 1
        self.counters.forwarded_bytes += size
