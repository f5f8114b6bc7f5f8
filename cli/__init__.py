"""The hatang command, the processes, and the only composition root (wiring).

Refuses: logic of its own; every command calls one service function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatang import deferred

if TYPE_CHECKING:
    from cli import collector, setup, up

__all__ = ["collector", "setup", "up"]
__getattr__ = deferred.names(__name__)
