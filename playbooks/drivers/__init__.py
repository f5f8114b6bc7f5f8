"""Drivers that change devices, each saying which way back it can prove."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatang import deferred

if TYPE_CHECKING:
    from playbooks.drivers import fortios

__all__ = ["fortios"]
__getattr__ = deferred.names(__name__)
