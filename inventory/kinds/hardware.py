"""Devices, what they are, their ports and the cables between them."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field

from inventory.choices import DeviceRole, DeviceStatus, ElementKind
from inventory.kinds.form import (
    Address,
    Code,
    DeviceKey,
    End,
    HostKey,
    Hostname,
    Lax,
    Line,
    Login,
    Port,
    PortName,
    Row,
    Serial,
    Slug,
    Transport,
    Word,
)
from inventory.kinds.kind import Composite, Fields, Kind
from inventory.models import Device, DeviceType, Interface, Link, Manufacturer


class ManufacturerRow(Row):
    """Who makes device types."""

    kind_of_row = ElementKind.MANUFACTURER
    key_fields = ("name",)
    name: Word


class DeviceTypeRow(Row):
    """A model of a manufacturer; the manufacturer is implied."""

    kind_of_row = ElementKind.DEVICE_TYPE
    key_fields = ("manufacturer", "model")
    manufacturer: Word
    model: Word


class DeviceRow(Row):
    """A device."""

    kind_of_row = ElementKind.DEVICE
    key_fields = ("name",)
    references: ClassVar = {"site": ElementKind.SITE}
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
    interfaces: list[Any] = Field(default_factory=list)


class InterfaceRow(Row):
    """A port; inside its device, or by itself with the device's name."""

    kind_of_row = ElementKind.INTERFACE
    key_fields = ("device", "name")
    references: ClassVar = {"device": ElementKind.DEVICE}
    device: Hostname
    name: PortName
    description: Line = ""


class LinkRow(Row):
    """A cable between two interfaces, each written `device:interface`."""

    kind_of_row = ElementKind.LINK
    key_fields = ("a", "b")
    references: ClassVar = {"circuit": ElementKind.CIRCUIT}
    a: End
    b: End
    circuit: Code | None = None


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
)
DEVICE: Final = Kind(
    row=DeviceRow,
    model=Device,
    section="devices",
    composites={
        "device_type": Composite(ElementKind.DEVICE_TYPE, ("manufacturer", "model")),
    },
    nested={"interfaces": ElementKind.INTERFACE},
    virtual=("host_keys",),
    scope=("site",),
    searched=("primary_ip4", "serial"),
    generated={"device_key": lambda: str(uuid.uuid4())},
    shape=_shape_device,
)
INTERFACE: Final = Kind(
    row=InterfaceRow,
    model=Interface,
    section="interfaces",
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
KINDS: Final = (MANUFACTURER, DEVICE_TYPE, DEVICE, INTERFACE, LINK)
