"""Denied attempts of nobody known: counted together, so that a flood cannot fill the log."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Final

from hatang.audit.log import record
from hatang.clock import monotonic

if TYPE_CHECKING:
    from hatang.db import Database

WINDOW_SECONDS: Final = 60.0
MAX_SOURCES: Final = 256
_REST: Final = ("many", "auth.unauthenticated")


@dataclass(frozen=True, slots=True)
class _Nobody:
    id: int | None = None
    name: str = "anonymous"


@dataclass(slots=True)
class UnauthenticatedDenials:
    """Counts by address and action; at most one entry a minute and source reaches the log.

    Beyond 256 sources in a minute the rest are counted under the address `many`.
    """

    _counts: dict[tuple[str, str], int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _flushed_at: float | None = None

    def note(self, address: str, action: str) -> None:
        """Count one attempt; costs no database access."""
        with self._lock:
            key = (address[:64], action[:100])
            if key not in self._counts and len(self._counts) >= MAX_SOURCES:
                key = _REST
            self._counts[key] = self._counts.get(key, 0) + 1

    def flush(self, database: Database) -> int:
        """Write what was counted if a window has passed since the last time; return the entries."""
        with self._lock:
            recent = (
                self._flushed_at is not None and monotonic() - self._flushed_at < WINDOW_SECONDS
            )
            if recent or not self._counts:
                return 0
            counts, self._counts = self._counts, {}
            self._flushed_at = monotonic()
        with database.write() as session:
            for (address, action), count in sorted(counts.items()):
                detail = {"address": address, "attempts": count}
                record(session, _Nobody(), action, f"address/{address}", detail, outcome="denied")
        return len(counts)
