"""Which devices are measured; apart from the targets, for lists ask it without any transport."""

from __future__ import annotations

from typing import Final

from inventory.choices import DeviceStatus

WATCHED: Final = frozenset({DeviceStatus.ACTIVE, DeviceStatus.FAILED, DeviceStatus.STAGED})
"""Whose devices are measured: also failed ones, for somebody wants to see them come back."""
