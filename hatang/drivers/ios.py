"""NAPALM's IOS driver, which also tells what the device knows of a commit that waits.

IOS keeps no name for it: `show archive config rollback timer` tells the user and the length.
"""

from __future__ import annotations

import re
from typing import Final

from napalm.ios.ios import IOSDriver

from hatang.drivers.byways import ByWay
from hatang.drivers.pending import PendingCommit

_MINUTES: Final = re.compile(r"(\d+)\s*min")


class ConfirmableIosDriver(ByWay, IOSDriver):  # type: ignore[misc]  # NAPALM ships no types
    """NAPALM's driver that says whose commit waits on the device."""

    def pending_commits(self) -> list[PendingCommit]:
        """Return the commit that waits, with its user and its timer's length."""
        told = self._get_pending_commits()
        if not told:
            return []
        minutes = _MINUTES.search(told.get("timer", ""))
        seconds = int(minutes[1]) * 60 if minutes else None
        return [PendingCommit(user=told.get("user", "").strip() or None, seconds=seconds)]
