"""How often the processes do what nobody asks them for."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

WATCHDOG: Final = timedelta(minutes=3)
"""Prometheus repeats its always-firing alert each minute; three missed and the chain is broken."""

ALERTS_SECONDS: Final = 1.0
TARGETS_SECONDS: Final = 15.0
CLEAN_SECONDS: Final = 3600.0
EVENTS_KEPT: Final = timedelta(days=7)
