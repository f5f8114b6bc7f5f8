"""Tables of the inventory: columns hold what is intended, `inventory_field` what was observed.

Every table that a person lists carries `scope_id`: the scope of the unit that owns the row, or,
for what joins two places, of the end deeper in the tree, because that end is the one served.
"""

from __future__ import annotations

from inventory.models.addressing import Address, Prefix, Vlan, Vrf
from inventory.models.carriers import Circuit, Provider
from inventory.models.computing import (
    Cluster,
    Software,
    SoftwareDevice,
    SoftwareMachine,
    SoftwareService,
    StorageVolume,
    VirtualMachine,
    VolumeMachine,
)
from inventory.models.conference import Bridge, Endpoint, Registrar, Room
from inventory.models.hardware import (
    Device,
    DeviceType,
    Interface,
    InterfaceVlan,
    Link,
    Manufacturer,
    Module,
    ModuleType,
)
from inventory.models.imports import Import
from inventory.models.observed import Field, Station, StationAddress
from inventory.models.organisations import (
    Contact,
    ContactProvider,
    ContactService,
    ContactSite,
    Tenant,
    Unit,
)
from inventory.models.places import Location, Rack, Site, Zone
from inventory.models.redundancy import (
    RedundancyGroup,
    RedundancyGroupCircuit,
    RedundancyGroupDevice,
)
from inventory.models.systems import (
    Certificate,
    CertificateDevice,
    CertificateService,
    Service,
    ServiceDependency,
    ServiceDevice,
    ServiceEndpoint,
    ServiceMachine,
)

__all__ = [
    "Address",
    "Bridge",
    "Certificate",
    "CertificateDevice",
    "CertificateService",
    "Circuit",
    "Cluster",
    "Contact",
    "ContactProvider",
    "ContactService",
    "ContactSite",
    "Device",
    "DeviceType",
    "Endpoint",
    "Field",
    "Import",
    "Interface",
    "InterfaceVlan",
    "Link",
    "Location",
    "Manufacturer",
    "Module",
    "ModuleType",
    "Prefix",
    "Provider",
    "Rack",
    "RedundancyGroup",
    "RedundancyGroupCircuit",
    "RedundancyGroupDevice",
    "Registrar",
    "Room",
    "Service",
    "ServiceDependency",
    "ServiceDevice",
    "ServiceEndpoint",
    "ServiceMachine",
    "Site",
    "Software",
    "SoftwareDevice",
    "SoftwareMachine",
    "SoftwareService",
    "Station",
    "StationAddress",
    "StorageVolume",
    "Tenant",
    "Unit",
    "VirtualMachine",
    "Vlan",
    "VolumeMachine",
    "Vrf",
    "Zone",
]
