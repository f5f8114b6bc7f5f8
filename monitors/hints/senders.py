"""Who may say something, how often, and what was said before: all of it bounded."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hatang import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

REPLAYS_KEPT: Final = 50_000
_BURST_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Sender:
    """A device that may say something."""

    key: str
    scope_id: int | None = None


@dataclass(slots=True)
class Bucket:
    """Lets `per_second` pass, and a burst of five seconds' worth after a silence."""

    per_second: float
    _tokens: float = -1.0
    _at: float = 0.0

    def take(self) -> bool:
        """Return whether one more may pass now."""
        now, most = clock.monotonic(), max(1.0, self.per_second * _BURST_SECONDS)
        if self._tokens < 0:
            self._tokens = most
        else:
            self._tokens = min(most, self._tokens + (now - self._at) * self.per_second)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


@dataclass(slots=True)
class Gate:
    """Knows the devices by address and holds each to `per_second`."""

    per_second: float
    senders: Mapping[str, Sender] = field(default_factory=dict)
    _buckets: dict[str, Bucket] = field(default_factory=dict)

    def know(self, senders: Mapping[str, Sender]) -> None:
        """Let exactly `senders` in from now on."""
        self.senders = senders
        self._buckets = {a: bucket for a, bucket in self._buckets.items() if a in senders}

    def refusal(self, address: str) -> str:
        """Return why what comes from `address` is not taken; empty when it is."""
        if address not in self.senders:
            return "unknown_sender"
        bucket = self._buckets.get(address)
        if bucket is None:
            bucket = self._buckets[address] = Bucket(self.per_second)
        return "" if bucket.take() else "rate"


@dataclass(slots=True)
class Replays:
    """Remembers what was said within `window_seconds`, at most REPLAYS_KEPT of it."""

    window_seconds: float
    _seen: OrderedDict[bytes, float] = field(default_factory=OrderedDict)

    def is_one(self, address: str, datagram: bytes) -> bool:
        """Return whether `address` said exactly this lately, and remember that it did now."""
        said = hashlib.blake2b(address.encode() + b"\0" + datagram, digest_size=12).digest()
        now = clock.monotonic()
        while self._seen and (
            len(self._seen) >= REPLAYS_KEPT
            or next(iter(self._seen.values())) < now - self.window_seconds
        ):
            self._seen.popitem(last=False)
        if said in self._seen:
            return True
        self._seen[said] = now
        return False
