"""What a change can cut off, as it is written down with the change and shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inventory.impact import Impact

SHOWN: Final = 50  # sites and services that are named; beyond that they are counted


def told(impact: Impact) -> dict[str, Any]:
    """Return the counts, and the names of the first that are cut off or weakened."""
    return {
        **counted(impact),
        "site_names": _some(impact.sites),
        "service_names": _some(impact.services),
        "degraded": _some(impact.degraded),
        "groups": _some(impact.groups | impact.degraded_groups),
    }


def counted(impact: Impact) -> dict[str, Any]:
    """Return how many devices, sites, services, rooms and people are cut off."""
    return {
        "devices": len(impact.devices),
        "sites": len(impact.sites),
        "services": len(impact.services),
        "rooms": len(impact.rooms),
        "people": impact.people,
    }


def _some(keys: Iterable[str]) -> list[str]:
    return sorted(keys)[:SHOWN]
