"""Devices, what they are, their ports and the cables between them."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field, StringConstraints

from inventory.choices import (
    DeviceRole,
    DeviceStatus,
    ElementKind,
    Face,
    InterfaceMode,
    PartStatus,
)
from inventory.kinds.form import (
    AaaServer,
    Address,
    Address6,
    AnyAddress,
    Code,
    Count,
    DeviceKey,
    End,
    HostKey,
    Hostname,
    Inside,
    Lax,
    Line,
    Login,
    Mac,
    Port,
    PortName,
    PortType,
    Row,
    Serial,
    ShortLine,
    Slug,
    Transport,
    Word,
)
from inventory.kinds.kind import Composite, Fields, Kind, Many
from inventory.models import (
    Device,
    DeviceType,
    Interface,
    InterfaceVlan,
    Link,
    Manufacturer,
    Module,
    ModuleType,
)

_COUNTED: Final = {
    "interface_count": "interfaces",
    "power_port_count": "power-ports",
    "console_port_count": "console-ports",
    "module_bay_count": "module-bays",
}


class ManufacturerRow(Row):
    """Who makes device types."""

    kind_of_row = ElementKind.MANUFACTURER
    key_fields = ("name",)
    name: Word
    description: Line = ""


class DeviceTypeRow(Row):
    """A model of a manufacturer; the manufacturer is implied.

    `definition` is the content of its file in NetBox's device-type library: what is not said
    beside it is taken from it.
    """

    kind_of_row = ElementKind.DEVICE_TYPE
    key_fields = ("manufacturer", "model")
    manufacturer: Word
    model: Word
    slug: Annotated[str, StringConstraints(pattern=r"^[-a-z0-9_]+$", max_length=100)] | None = None
    part_number: ShortLine = ""
    u_height: Annotated[float, Field(ge=0, le=100, strict=False)] | None = None
    interface_count: Count | None = None
    power_port_count: Count | None = None
    console_port_count: Count | None = None
    module_bay_count: Count | None = None
    definition: dict[str, Any] | None = None


class ModuleTypeRow(Row):
    """A part that goes into a bay of a device; `definition` as for device types."""

    kind_of_row = ElementKind.MODULE_TYPE
    key_fields = ("manufacturer", "model")
    manufacturer: Word
    model: Word
    part_number: ShortLine = ""
    interface_count: Count | None = None
    power_port_count: Count | None = None
    console_port_count: Count | None = None
    definition: dict[str, Any] | None = None


class DeviceRow(Row):
    """A device; `position` is its lowest rack unit, `software` the release it should run."""

    kind_of_row = ElementKind.DEVICE
    key_fields = ("name",)
    references: ClassVar = {
        "site": ElementKind.SITE,
        "location": ElementKind.LOCATION,
        "rack": ElementKind.RACK,
        "tenant": ElementKind.TENANT,
        "zone": ElementKind.ZONE,
        "cluster": ElementKind.CLUSTER,
        "software": ElementKind.SOFTWARE,
    }
    name: Hostname
    device_key: DeviceKey | None = None
    site: Code
    role: Annotated[DeviceRole, Lax]
    platform: Slug
    manufacturer: Word | None = None
    model: Word | None = None
    primary_ip4: Address | None = None
    status: Annotated[DeviceStatus, Lax] = DeviceStatus.ACTIVE
    serial: Serial = ""
    credentials: dict[Login, Word] = Field(default_factory=dict)
    ports: dict[Transport, Port] = Field(default_factory=dict)
    host_keys: list[HostKey] = Field(default_factory=list)
    location: Inside | None = None
    rack: Inside | None = None
    position: Annotated[float, Field(ge=1, le=100, multiple_of=0.5, strict=False)] | None = None
    face: Annotated[Face, Lax] | None = None
    tenant: Code | None = None
    zone: Code | None = None
    cluster: Word | None = None
    software: Inside | None = None
    asset_tag: ShortLine | None = None
    primary_ip6: Address6 | None = None
    oob_ip: AnyAddress | None = None
    aaa_server: AaaServer | None = None
    interfaces: list[Any] = Field(default_factory=list)
    modules: list[Any] = Field(default_factory=list)


class ModuleRow(Row):
    """A part in a bay; inside its device, or by itself with the device's name."""

    kind_of_row = ElementKind.MODULE
    key_fields = ("device", "bay")
    references: ClassVar = {"device": ElementKind.DEVICE}
    device: Hostname
    bay: PortName
    manufacturer: Word | None = None
    model: Word | None = None
    serial: Serial = ""
    status: Annotated[PartStatus, Lax] = PartStatus.ACTIVE
    description: Line = ""


class InterfaceRow(Row):
    """A port; inside its device, or by itself with the device's name."""

    kind_of_row = ElementKind.INTERFACE
    key_fields = ("device", "name")
    references: ClassVar = {
        "device": ElementKind.DEVICE,
        "untagged_vlan": ElementKind.VLAN,
        "tagged_vlans": ElementKind.VLAN,
        "lag": ElementKind.INTERFACE,
        "parent": ElementKind.INTERFACE,
    }
    device: Hostname
    name: PortName
    description: Line = ""
    type: PortType | None = None
    enabled: bool = True
    mgmt_only: bool = False
    mtu: Annotated[int, Field(ge=1, le=65536)] | None = None
    mac_address: Mac | None = None
    speed_kbps: Annotated[int, Field(ge=0, le=2_000_000_000)] | None = None
    mode: Annotated[InterfaceMode, Lax] | None = None
    untagged_vlan: Inside | None = None
    tagged_vlans: list[Inside] = Field(default_factory=list)
    lag: Inside | None = None
    parent: Inside | None = None


class LinkRow(Row):
    """A cable between two interfaces, each written `device:interface`."""

    kind_of_row = ElementKind.LINK
    key_fields = ("a", "b")
    references: ClassVar = {"circuit": ElementKind.CIRCUIT}
    a: End
    b: End
    circuit: Code | None = None


def _shape_type(fields: Fields) -> None:
    definition = fields.get("definition")
    if not definition:
        return
    for name in ("slug", "part_number", "u_height"):
        if name in definition and name in DeviceTypeRow.model_fields:
            fields.setdefault(name, definition[name])
    for name, section in _COUNTED.items():
        fields.setdefault(name, len(definition.get(section) or ()))


def _shape_module_type(fields: Fields) -> None:
    _shape_type(fields)
    for name in ("slug", "u_height", "module_bay_count"):
        fields.pop(name, None)


def _shape_device(fields: Fields) -> None:
    if fields.get("device_key", "") is None:
        del fields["device_key"]
    if "host_keys" in fields:
        fields["host_keys"] = sorted({" ".join(key.split()[:2]) for key in fields["host_keys"]})


def _shape_link(fields: Fields) -> None:
    # A cable has no direction: its ends are kept in one order, so that swapping them is no change.
    fields["a"], fields["b"] = sorted((fields["a"], fields["b"]))


MANUFACTURER: Final = Kind(row=ManufacturerRow, model=Manufacturer, section="manufacturers")
DEVICE_TYPE: Final = Kind(
    row=DeviceTypeRow,
    model=DeviceType,
    section="device_types",
    implied={"manufacturer": ElementKind.MANUFACTURER},
    shape=_shape_type,
)
MODULE_TYPE: Final = Kind(
    row=ModuleTypeRow,
    model=ModuleType,
    section="module_types",
    implied={"manufacturer": ElementKind.MANUFACTURER},
    shape=_shape_module_type,
)
DEVICE: Final = Kind(
    row=DeviceRow,
    model=Device,
    section="devices",
    composites={
        "device_type": Composite(ElementKind.DEVICE_TYPE, ("manufacturer", "model")),
    },
    nested={"interfaces": ElementKind.INTERFACE, "modules": ElementKind.MODULE},
    within={"location": "site", "rack": "site"},
    virtual=("host_keys",),
    scope=("site",),
    searched=("primary_ip4", "serial", "primary_ip6", "asset_tag"),
    generated={"device_key": lambda: str(uuid.uuid4())},
    shape=_shape_device,
)
MODULE: Final = Kind(
    row=ModuleRow,
    model=Module,
    section="modules",
    composites={
        "module_type": Composite(ElementKind.MODULE_TYPE, ("manufacturer", "model")),
    },
    nested_in=ElementKind.DEVICE,
    scope=("device",),
    separator=":",
)
INTERFACE: Final = Kind(
    row=InterfaceRow,
    model=Interface,
    section="interfaces",
    many={"tagged_vlans": Many(InterfaceVlan, "interface_id", "vlan_id")},
    within={"lag": "device", "parent": "device"},
    nested_in=ElementKind.DEVICE,
    scope=("device",),
    separator=":",
)
LINK: Final = Kind(
    row=LinkRow,
    model=Link,
    section="links",
    columns={"a": "a_interface_id", "b": "z_interface_id"},
    implied={"a": ElementKind.INTERFACE, "b": ElementKind.INTERFACE},
    scope=("a", "b"),
    joins=True,
    separator=" -- ",
    shape=_shape_link,
)
KINDS: Final = (MANUFACTURER, DEVICE_TYPE, MODULE_TYPE, DEVICE, MODULE, INTERFACE, LINK)
