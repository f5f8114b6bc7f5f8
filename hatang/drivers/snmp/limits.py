"""How long and how much one reader may ask of an agent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SnmpLimits:
    """`request_seconds` for one reply, `deadline_seconds` for a whole call, `rows` a column."""

    request_seconds: float = 2.0
    deadline_seconds: float = 20.0
    retries: int = 1
    rows: int = 20_000
