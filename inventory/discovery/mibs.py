"""The objects discovery reads, by the MIB that defines them."""

from __future__ import annotations

from typing import Final

# SNMPv2-MIB (RFC 3418) and SNMP-FRAMEWORK-MIB (RFC 3411)
SYS_DESCR: Final = "1.3.6.1.2.1.1.1.0"
SYS_OBJECT_ID: Final = "1.3.6.1.2.1.1.2.0"
SYS_NAME: Final = "1.3.6.1.2.1.1.5.0"
SYS_LOCATION: Final = "1.3.6.1.2.1.1.6.0"
ENGINE_ID: Final = "1.3.6.1.6.3.10.2.1.1.0"

# IF-MIB (RFC 2863)
IF_DESCR: Final = "1.3.6.1.2.1.2.2.1.2"
IF_TYPE: Final = "1.3.6.1.2.1.2.2.1.3"
IF_MTU: Final = "1.3.6.1.2.1.2.2.1.4"
IF_SPEED: Final = "1.3.6.1.2.1.2.2.1.5"
IF_MAC: Final = "1.3.6.1.2.1.2.2.1.6"
IF_ADMIN: Final = "1.3.6.1.2.1.2.2.1.7"
IF_OPER: Final = "1.3.6.1.2.1.2.2.1.8"
IF_NAME: Final = "1.3.6.1.2.1.31.1.1.1.1"
IF_HIGH_SPEED: Final = "1.3.6.1.2.1.31.1.1.1.15"
IF_ALIAS: Final = "1.3.6.1.2.1.31.1.1.1.18"
INTERFACES: Final = (
    IF_DESCR,
    IF_TYPE,
    IF_MTU,
    IF_SPEED,
    IF_MAC,
    IF_ADMIN,
    IF_OPER,
    IF_NAME,
    IF_HIGH_SPEED,
    IF_ALIAS,
)

# IP-MIB (RFC 4293) and what it replaced (RFC 2011), which many devices still answer only
IP_AD_IF_INDEX: Final = "1.3.6.1.2.1.4.20.1.2"
IP_AD_MASK: Final = "1.3.6.1.2.1.4.20.1.3"
IP_ADDRESS_IF_INDEX: Final = "1.3.6.1.2.1.4.34.1.3"
IP_ADDRESS_TYPE: Final = "1.3.6.1.2.1.4.34.1.4"
IP_ADDRESS_PREFIX: Final = "1.3.6.1.2.1.4.34.1.5"
ADDRESSES: Final = (
    *(IP_AD_IF_INDEX, IP_AD_MASK),
    *(IP_ADDRESS_IF_INDEX, IP_ADDRESS_TYPE, IP_ADDRESS_PREFIX),
)
NET_TO_MEDIA: Final = "1.3.6.1.2.1.4.22.1.2"
NET_TO_PHYSICAL: Final = "1.3.6.1.2.1.4.35.1.4"
ARP: Final = (NET_TO_MEDIA, NET_TO_PHYSICAL)

# IP-FORWARD-MIB (RFC 4292) and what it replaced (RFC 2096); destinations stand in the index
INET_ROUTE_IF_INDEX: Final = "1.3.6.1.2.1.4.24.7.1.7"
CIDR_ROUTE_IF_INDEX: Final = "1.3.6.1.2.1.4.24.4.1.5"
ROUTES: Final = (INET_ROUTE_IF_INDEX, CIDR_ROUTE_IF_INDEX)

# ENTITY-MIB (RFC 6933)
ENT_CLASS: Final = "1.3.6.1.2.1.47.1.1.1.1.5"
ENT_SOFTWARE: Final = "1.3.6.1.2.1.47.1.1.1.1.10"
ENT_SERIAL: Final = "1.3.6.1.2.1.47.1.1.1.1.11"
ENT_MAKER: Final = "1.3.6.1.2.1.47.1.1.1.1.12"
ENT_MODEL: Final = "1.3.6.1.2.1.47.1.1.1.1.13"
ENTITIES: Final = (ENT_CLASS, ENT_SOFTWARE, ENT_SERIAL, ENT_MAKER, ENT_MODEL)
CHASSIS_CLASSES: Final = (3, 11)  # chassis, stack

# BRIDGE-MIB (RFC 4188) and Q-BRIDGE-MIB (RFC 4363)
BRIDGE_PORT_IF_INDEX: Final = "1.3.6.1.2.1.17.1.4.1.2"
FDB_PORT: Final = "1.3.6.1.2.1.17.4.3.1.2"
VLAN_FDB_PORT: Final = "1.3.6.1.2.1.17.7.1.2.2.1.2"
VLAN_NAME: Final = "1.3.6.1.2.1.17.7.1.4.3.1.1"
BRIDGE: Final = (BRIDGE_PORT_IF_INDEX, FDB_PORT, VLAN_FDB_PORT)

# LLDP-MIB (IEEE 802.1AB-2005 section 12)
LLDP_CHASSIS: Final = ("1.0.8802.1.1.2.1.3.1.0", "1.0.8802.1.1.2.1.3.2.0")
LLDP_PORT_SUBTYPE: Final = "1.0.8802.1.1.2.1.3.7.1.2"
LLDP_PORT_ID: Final = "1.0.8802.1.1.2.1.3.7.1.3"
LLDP_PORT_TEXT: Final = "1.0.8802.1.1.2.1.3.7.1.4"
LLDP_LOCAL: Final = (LLDP_PORT_SUBTYPE, LLDP_PORT_ID, LLDP_PORT_TEXT)
LLDP_FAR_CHASSIS_SUBTYPE: Final = "1.0.8802.1.1.2.1.4.1.1.4"
LLDP_FAR_CHASSIS: Final = "1.0.8802.1.1.2.1.4.1.1.5"
LLDP_FAR_PORT_SUBTYPE: Final = "1.0.8802.1.1.2.1.4.1.1.6"
LLDP_FAR_PORT: Final = "1.0.8802.1.1.2.1.4.1.1.7"
LLDP_FAR_PORT_TEXT: Final = "1.0.8802.1.1.2.1.4.1.1.8"
LLDP_FAR_NAME: Final = "1.0.8802.1.1.2.1.4.1.1.9"
LLDP_FAR_TEXT: Final = "1.0.8802.1.1.2.1.4.1.1.10"
LLDP_FAR_ADDRESS: Final = "1.0.8802.1.1.2.1.4.2.1.3"  # its index holds the address
LLDP_REMOTE: Final = (
    LLDP_FAR_CHASSIS_SUBTYPE,
    LLDP_FAR_CHASSIS,
    LLDP_FAR_PORT_SUBTYPE,
    LLDP_FAR_PORT,
    LLDP_FAR_PORT_TEXT,
    LLDP_FAR_NAME,
    LLDP_FAR_TEXT,
    LLDP_FAR_ADDRESS,
)

# CISCO-CDP-MIB
CDP_ADDRESS: Final = "1.3.6.1.4.1.9.9.23.1.2.1.1.4"
CDP_DEVICE: Final = "1.3.6.1.4.1.9.9.23.1.2.1.1.6"
CDP_PORT: Final = "1.3.6.1.4.1.9.9.23.1.2.1.1.7"
CDP_PLATFORM: Final = "1.3.6.1.4.1.9.9.23.1.2.1.1.8"
CDP: Final = (CDP_ADDRESS, CDP_DEVICE, CDP_PORT, CDP_PLATFORM)
