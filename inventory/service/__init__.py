"""The inventory's verbs; the only door for the packages above, besides `inventory.models`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatang import deferred

if TYPE_CHECKING:
    from inventory.service.current import Current, version
    from inventory.service.editing import delete_link, rename_device
    from inventory.service.exporting import (
        export,
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
    from inventory.service.locating import Place, is_address, where_is
    from inventory.service.observing import deviations, list_facts, record_observation
    from inventory.service.reading import (
        device_sites,
        endpoints_of,
        find_devices,
        get_bridge,
        get_device,
        get_element,
        get_site,
        get_support_end,
        list_bridges,
        list_circuits,
        list_devices,
        list_elements,
        list_holding,
        list_interfaces,
        list_links,
        list_registrars,
        list_rooms,
        list_services,
        list_sites,
        list_units,
    )
    from inventory.service.relations import Affected, Upstream, affected, upstream
    from inventory.service.responsible import Responsible, list_responsible
    from inventory.service.routes import Leg, Route, Way, Waypoint, site_route, way_between
    from inventory.service.searching import Found, search

__all__ = [
    "CHANGED",
    "Affected",
    "Current",
    "Found",
    "Leg",
    "Place",
    "Responsible",
    "Route",
    "Upstream",
    "Way",
    "Waypoint",
    "affected",
    "apply_import",
    "delete_link",
    "deviations",
    "device_sites",
    "endpoints_of",
    "export",
    "export_csv",
    "export_workbook",
    "export_yaml",
    "find_devices",
    "get_bridge",
    "get_device",
    "get_element",
    "get_site",
    "get_support_end",
    "is_address",
    "links_at",
    "list_bridges",
    "list_circuits",
    "list_devices",
    "list_elements",
    "list_facts",
    "list_holding",
    "list_imports",
    "list_interfaces",
    "list_links",
    "list_registrars",
    "list_responsible",
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
    "upstream",
    "version",
    "way_between",
    "where_is",
    "write_template",
]

__getattr__ = deferred.names(__name__)
