"""The closed sets of words the inventory uses; the same in column, YAML, JSON and page."""

from __future__ import annotations

from enum import StrEnum


class ElementKind(StrEnum):
    """What an element of the inventory is, in the order an import writes them."""

    UNIT = "unit"
    SITE = "site"
    MANUFACTURER = "manufacturer"
    DEVICE_TYPE = "device_type"
    DEVICE = "device"
    INTERFACE = "interface"
    PROVIDER = "provider"
    CIRCUIT = "circuit"
    LINK = "link"
    SERVICE = "service"
    ROOM = "room"
    BRIDGE = "bridge"
    REGISTRAR = "registrar"


class UnitKind(StrEnum):
    """Kinds of organisation since the two-tier local government of 2025-07-01."""

    PROVINCE = "province"
    DEPARTMENT = "department"
    COMMUNE = "commune"
    WARD = "ward"
    SPECIAL_ZONE = "special-zone"
    UNIT = "unit"


class SiteKind(StrEnum):
    """What a place is in the wide-area network."""

    DATACENTRE = "datacentre"
    HUB = "hub"
    DEPARTMENT = "department"
    COMMUNE = "commune"


class SiteStatus(StrEnum):
    """Life cycle of a site or circuit, NetBox's words."""

    PLANNED = "planned"
    STAGING = "staging"
    ACTIVE = "active"
    DECOMMISSIONING = "decommissioning"
    RETIRED = "retired"


class DeviceRole(StrEnum):
    """What a device does for the network."""

    CORE = "core"
    HUB = "hub"
    COMMUNE_ROUTER = "commune-router"
    SWITCH = "switch"
    SERVER = "server"
    UPS = "ups"
    BRIDGE = "bridge"
    REGISTRAR = "registrar"


ROUTER_ROLES = frozenset({DeviceRole.CORE, DeviceRole.HUB, DeviceRole.COMMUNE_ROUTER})


class DeviceStatus(StrEnum):
    """Life cycle of a device, NetBox's words; reachability is never written here."""

    OFFLINE = "offline"
    ACTIVE = "active"
    PLANNED = "planned"
    STAGED = "staged"
    FAILED = "failed"
    INVENTORY = "inventory"
    DECOMMISSIONING = "decommissioning"


class Safety(StrEnum):
    """The dead-man a platform's driver can prove for a push."""

    NATIVE = "native"
    FILE_RESTORE = "file_restore"
    RELOAD = "reload"
    NONE = "none"
