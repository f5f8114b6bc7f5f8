"""The closed sets of words the inventory uses; the same in column, YAML, JSON and page."""

from __future__ import annotations

from enum import StrEnum


class ElementKind(StrEnum):
    """What an element of the inventory is, in the order an import writes them."""

    UNIT = "unit"
    TENANT = "tenant"
    CONTACT = "contact"
    SITE = "site"
    LOCATION = "location"
    RACK = "rack"
    ZONE = "zone"
    MANUFACTURER = "manufacturer"
    DEVICE_TYPE = "device_type"
    MODULE_TYPE = "module_type"
    SOFTWARE = "software"
    CLUSTER = "cluster"
    VRF = "vrf"
    VLAN = "vlan"
    PREFIX = "prefix"
    DEVICE = "device"
    MODULE = "module"
    INTERFACE = "interface"
    VIRTUAL_MACHINE = "virtual_machine"
    STORAGE_VOLUME = "storage_volume"
    ADDRESS = "address"
    PROVIDER = "provider"
    CIRCUIT = "circuit"
    LINK = "link"
    REDUNDANCY_GROUP = "redundancy_group"
    SERVICE = "service"
    SERVICE_ENDPOINT = "service_endpoint"
    CERTIFICATE = "certificate"
    ROOM = "room"
    ENDPOINT = "endpoint"
    BRIDGE = "bridge"
    REGISTRAR = "registrar"


class FailingKind(StrEnum):
    """What can be asked to fail: an `ElementKind` that the topology knows the loss of."""

    DEVICE = "device"
    LINK = "link"
    CIRCUIT = "circuit"
    SITE = "site"
    SERVICE = "service"


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
    ROUTER = "router"
    SWITCH = "switch"
    ACCESS_POINT = "access-point"
    FIREWALL = "firewall"
    WAF = "waf"
    LOAD_BALANCER = "load-balancer"
    SERVER = "server"
    HYPERVISOR = "hypervisor"
    STORAGE = "storage"
    CONSOLE_SERVER = "console-server"
    UPS = "ups"
    PDU = "pdu"
    CODEC = "codec"
    BRIDGE = "bridge"
    REGISTRAR = "registrar"
    CAMERA = "camera"
    OTHER = "other"


ROUTER_ROLES = frozenset(
    {DeviceRole.CORE, DeviceRole.HUB, DeviceRole.COMMUNE_ROUTER, DeviceRole.ROUTER}
)


class DeviceStatus(StrEnum):
    """Life cycle of a device, NetBox's words; reachability is never written here."""

    OFFLINE = "offline"
    ACTIVE = "active"
    PLANNED = "planned"
    STAGED = "staged"
    FAILED = "failed"
    INVENTORY = "inventory"
    DECOMMISSIONING = "decommissioning"


class MachineStatus(StrEnum):
    """Life cycle of a virtual machine, NetBox's words."""

    OFFLINE = "offline"
    ACTIVE = "active"
    PLANNED = "planned"
    STAGED = "staged"
    FAILED = "failed"
    DECOMMISSIONING = "decommissioning"
    PAUSED = "paused"


class PartStatus(StrEnum):
    """Life cycle of a module, NetBox's words."""

    OFFLINE = "offline"
    ACTIVE = "active"
    PLANNED = "planned"
    STAGED = "staged"
    FAILED = "failed"
    DECOMMISSIONING = "decommissioning"


class ClusterStatus(StrEnum):
    """Life cycle of a cluster, NetBox's words."""

    PLANNED = "planned"
    STAGING = "staging"
    ACTIVE = "active"
    DECOMMISSIONING = "decommissioning"
    OFFLINE = "offline"


class RackStatus(StrEnum):
    """Life cycle of a rack, NetBox's words."""

    RESERVED = "reserved"
    AVAILABLE = "available"
    PLANNED = "planned"
    ACTIVE = "active"
    DEPRECATED = "deprecated"


class VlanStatus(StrEnum):
    """Life cycle of a VLAN, NetBox's words."""

    ACTIVE = "active"
    RESERVED = "reserved"
    DEPRECATED = "deprecated"


class PrefixStatus(StrEnum):
    """Life cycle of a prefix, NetBox's words; a container only holds others."""

    CONTAINER = "container"
    ACTIVE = "active"
    RESERVED = "reserved"
    DEPRECATED = "deprecated"


class AddressStatus(StrEnum):
    """Life cycle of an address, NetBox's words."""

    ACTIVE = "active"
    RESERVED = "reserved"
    DEPRECATED = "deprecated"
    DHCP = "dhcp"
    SLAAC = "slaac"


class AddressRole(StrEnum):
    """What an address is for when not for one port, NetBox's words."""

    LOOPBACK = "loopback"
    SECONDARY = "secondary"
    ANYCAST = "anycast"
    VIP = "vip"
    VRRP = "vrrp"
    HSRP = "hsrp"
    GLBP = "glbp"
    CARP = "carp"


class InterfaceMode(StrEnum):
    """How a port carries VLANs, NetBox's words."""

    ACCESS = "access"
    TAGGED = "tagged"
    TAGGED_ALL = "tagged-all"


class Face(StrEnum):
    """The side of a rack."""

    FRONT = "front"
    REAR = "rear"


class GroupKind(StrEnum):
    """What the members of a redundancy group are."""

    ROUTER = "router"
    CORE = "core"
    SWITCH = "switch"
    FIREWALL = "firewall"
    WAF = "waf"
    LOAD_BALANCER = "load-balancer"
    SERVER = "server"
    STORAGE = "storage"
    POWER = "power"
    CIRCUIT = "circuit"
    OTHER = "other"


class Safety(StrEnum):
    """The dead-man a platform's driver can prove for a push."""

    NATIVE = "native"
    FILE_RESTORE = "file_restore"
    RELOAD = "reload"
    NONE = "none"
