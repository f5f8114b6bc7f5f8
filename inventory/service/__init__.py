"""The inventory's verbs; the only door for the packages above, besides `inventory.models`."""

from __future__ import annotations

from inventory.service.current import Current, version
from inventory.service.editing import delete_link, rename_device
from inventory.service.exporting import (
    export_csv,
    export_workbook,
    export_yaml,
    write_template,
)
from inventory.service.graphing import links_at, load_network, load_topology
from inventory.service.history import list_imports, plan_undo, undo_import
from inventory.service.importing import (
    CHANGED,
    apply_import,
    narrow_import,
    open_source,
    plan_import,
)
from inventory.service.observing import deviations, record_observation
from inventory.service.reading import (
    find_devices,
    get_bridge,
    get_device,
    get_element,
    get_site,
    list_bridges,
    list_circuits,
    list_devices,
    list_elements,
    list_interfaces,
    list_links,
    list_registrars,
    list_rooms,
    list_services,
    list_sites,
    list_units,
)
from inventory.service.routes import Leg, Route, Waypoint, site_route
from inventory.service.searching import Found, search

__all__ = [
    "CHANGED",
    "Current",
    "Found",
    "Leg",
    "Route",
    "Waypoint",
    "apply_import",
    "delete_link",
    "deviations",
    "export_csv",
    "export_workbook",
    "export_yaml",
    "find_devices",
    "get_bridge",
    "get_device",
    "get_element",
    "get_site",
    "links_at",
    "list_bridges",
    "list_circuits",
    "list_devices",
    "list_elements",
    "list_imports",
    "list_interfaces",
    "list_links",
    "list_registrars",
    "list_rooms",
    "list_services",
    "list_sites",
    "list_units",
    "load_network",
    "load_topology",
    "narrow_import",
    "open_source",
    "plan_import",
    "plan_undo",
    "record_observation",
    "rename_device",
    "search",
    "site_route",
    "undo_import",
    "version",
    "write_template",
]
