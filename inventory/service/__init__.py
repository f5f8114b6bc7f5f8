"""The inventory's verbs; the only door for the packages above, besides `inventory.models`."""

from __future__ import annotations

from inventory.service.reading import (
    get_bridge,
    get_device,
    get_site,
    list_bridges,
    list_circuits,
    list_devices,
    list_interfaces,
    list_links,
    list_registrars,
    list_rooms,
    list_services,
    list_sites,
    list_units,
)

__all__ = [
    "get_bridge",
    "get_device",
    "get_site",
    "list_bridges",
    "list_circuits",
    "list_devices",
    "list_interfaces",
    "list_links",
    "list_registrars",
    "list_rooms",
    "list_services",
    "list_sites",
    "list_units",
]
