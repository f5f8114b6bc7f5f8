"""How often the processes do what nobody asks them for."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

ALERTS_SECONDS: Final = 1.0
DELIVERY_SECONDS: Final = 15.0
TARGETS_SECONDS: Final = 15.0
RULES_SECONDS: Final = 5.0
SERIES_SECONDS: Final = 60.0
CLEAN_SECONDS: Final = 3600.0
EVENTS_KEPT: Final = timedelta(days=7)
