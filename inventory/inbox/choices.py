"""The closed sets of the inbox."""

from __future__ import annotations

from enum import StrEnum


class DeviationKind(StrEnum):
    """What differs; `unwritten` is a field of which the inventory says nothing."""

    FIELD = "field"
    UNWRITTEN = "unwritten"
    NEW_DEVICE = "new_device"
    VANISHED_DEVICE = "vanished_device"
    NEW_PORT = "new_port"
    NEW_ADDRESS = "new_address"
    GONE_PORT = "gone_port"
    GONE_ADDRESS = "gone_address"
    NEW_VLAN = "new_vlan"
    NEW_CABLE = "new_cable"
    GONE_CABLE = "gone_cable"
    MOVED_CABLE = "moved_cable"
    HOST_KEY = "host_key"


class DeviationState(StrEnum):
    """What became of it; `resolved` is a difference that went away by itself."""

    OPEN = "open"
    ACCEPTED = "accepted"
    FIXING = "fixing"
    IGNORED = "ignored"
    RESOLVED = "resolved"


WAITING = frozenset({DeviationState.OPEN, DeviationState.IGNORED, DeviationState.FIXING})
"""The states in which the difference is still there."""
