"""Will the meeting work: bridges, meetings, points and their readiness.

Refuses: measuring paths itself (monitors) and owning rooms (inventory).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatang import deferred

if TYPE_CHECKING:
    from conference import calendars

__all__ = ["calendars"]
__getattr__ = deferred.names(__name__)
