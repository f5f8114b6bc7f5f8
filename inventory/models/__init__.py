"""Tables of the inventory: columns hold what is intended, `inventory_field` what was observed.

Every table that a person lists carries `scope_id`: the scope of the unit that owns the row, or,
for what joins two places, of the end deeper in the tree, because that end is the one served.
"""

from __future__ import annotations

from inventory.models.carriers import Circuit, Provider
from inventory.models.conference import Bridge, Registrar, Room
from inventory.models.hardware import Device, DeviceType, Interface, Link, Manufacturer
from inventory.models.observed import Field
from inventory.models.organisations import Unit
from inventory.models.places import Site
from inventory.models.systems import Service, ServiceDependency, ServiceDevice

__all__ = [
    "Bridge",
    "Circuit",
    "Device",
    "DeviceType",
    "Field",
    "Interface",
    "Link",
    "Manufacturer",
    "Provider",
    "Registrar",
    "Room",
    "Service",
    "ServiceDependency",
    "ServiceDevice",
    "Site",
    "Unit",
]
