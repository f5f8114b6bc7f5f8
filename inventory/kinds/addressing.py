"""Prefixes, addresses, VLANs, and the VRFs that keep them apart."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field, StringConstraints

from inventory.choices import AddressRole, AddressStatus, ElementKind, PrefixStatus, VlanStatus
from inventory.kinds.form import (
    Code,
    End,
    Hostname,
    Inside,
    InterfaceAddress,
    Lax,
    Line,
    Network,
    PortName,
    Printable,
    Row,
    Slug,
    VrfName,
)
from inventory.kinds.kind import Kind
from inventory.models import Address, Prefix, Vlan, Vrf


class VrfRow(Row):
    """A routing table of its own; addresses may repeat between two."""

    kind_of_row = ElementKind.VRF
    key_fields = ("name",)
    name: VrfName
    rd: Annotated[str, StringConstraints(min_length=1, max_length=32), Printable] | None = None
    description: Line = ""


class VlanRow(Row):
    """A VLAN of a site, or without a site of the whole province; named `SITE/VID` or `VID`."""

    kind_of_row = ElementKind.VLAN
    key_fields = ("site", "vid")
    references: ClassVar = {
        "site": ElementKind.SITE,
        "zone": ElementKind.ZONE,
        "tenant": ElementKind.TENANT,
    }
    site: Code | None = None
    vid: Annotated[int, Field(ge=1, le=4094)]
    name: PortName
    status: Annotated[VlanStatus, Lax] = VlanStatus.ACTIVE
    zone: Code | None = None
    tenant: Code | None = None
    description: Line = ""


class PrefixRow(Row):
    """A range of addresses with a purpose; a container only holds others."""

    kind_of_row = ElementKind.PREFIX
    key_fields = ("prefix", "vrf")
    references: ClassVar = {
        "vrf": ElementKind.VRF,
        "site": ElementKind.SITE,
        "vlan": ElementKind.VLAN,
        "zone": ElementKind.ZONE,
        "tenant": ElementKind.TENANT,
    }
    prefix: Network
    vrf: VrfName | None = None
    site: Code | None = None
    vlan: Inside | None = None
    zone: Code | None = None
    tenant: Code | None = None
    status: Annotated[PrefixStatus, Lax] = PrefixStatus.ACTIVE
    role: Slug | None = None
    is_pool: bool = False
    description: Line = ""


class AddressRow(Row):
    """An address with its network's length, of an interface `device:interface` or a machine."""

    kind_of_row = ElementKind.ADDRESS
    key_fields = ("address", "vrf")
    references: ClassVar = {
        "vrf": ElementKind.VRF,
        "interface": ElementKind.INTERFACE,
        "virtual_machine": ElementKind.VIRTUAL_MACHINE,
        "tenant": ElementKind.TENANT,
    }
    address: InterfaceAddress
    vrf: VrfName | None = None
    interface: End | None = None
    virtual_machine: Hostname | None = None
    status: Annotated[AddressStatus, Lax] = AddressStatus.ACTIVE
    role: Annotated[AddressRole, Lax] | None = None
    dns_name: Line = ""
    tenant: Code | None = None
    description: Line = ""


KINDS: Final = (
    Kind(row=VrfRow, model=Vrf, section="vrfs"),
    Kind(row=VlanRow, model=Vlan, section="vlans", scope=("site",)),
    Kind(row=PrefixRow, model=Prefix, section="prefixes", scope=("site",), separator="%"),
    Kind(
        row=AddressRow,
        model=Address,
        section="addresses",
        scope=("interface", "virtual_machine"),
        separator="%",
        searched=("dns_name", "description"),
    ),
)
