"""What may stand in an inventory file: one strict model a kind of row; unknown keys are errors.

All references are natural keys. A field that is not given stays as it is; null clears it.
"""

from __future__ import annotations

import unicodedata
from datetime import date
from ipaddress import IPv4Address
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from inventory.choices import (
    DeviceRole,
    DeviceStatus,
    ElementKind,
    SiteKind,
    SiteStatus,
    UnitKind,
)


def _check_printable(text: str) -> str:
    # A line break in a name becomes a configuration line in a template.
    if any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in text):
        raise ValueError("holds a control character")
    return text


def _check_address(text: str) -> str:
    try:
        address = IPv4Address(text)
    except ValueError as error:
        raise ValueError("is no IPv4 address like 10.46.1.1") from error
    if address.is_multicast or address.is_unspecified:
        raise ValueError("is no address of a device")
    return str(address)


_Printable = AfterValidator(_check_printable)
Code = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$", max_length=64),
]
Hostname = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=255), _Printable]
Word = Annotated[str, StringConstraints(min_length=1, max_length=100), _Printable]
Phone = Annotated[str, StringConstraints(max_length=32), _Printable]
Line = Annotated[str, StringConstraints(max_length=255), _Printable]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=2000), _Printable]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=32)]
Address = Annotated[str, AfterValidator(_check_address)]
Transport = Literal["ssh", "snmp", "http", "https", "netconf", "telnet"]
# `cli` is the login whose shell is the device's command line, where `ssh` opens another shell.
Login = Literal["ssh", "cli", "snmp", "http", "https", "netconf", "telnet"]
Port = Annotated[int, Field(ge=1, le=65535)]
End = Annotated[str, StringConstraints(pattern=r"^[^:\s]+:.+$", max_length=129), _Printable]
DeviceKey = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
]


class Row(BaseModel):
    """One row; `key_fields` joined by `/` name it, `references` say which fields name others."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_enum_values=True)
    kind_of_row: ClassVar[ElementKind]
    key_fields: ClassVar[tuple[str, ...]] = ("code",)
    references: ClassVar[dict[str, ElementKind]] = {}


class UnitRow(Row):
    """An organisation."""

    kind_of_row = ElementKind.UNIT
    references = {"parent": ElementKind.UNIT}
    code: Code
    name: Name
    kind: Annotated[UnitKind, Field(strict=False)]
    parent: Code | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class SiteRow(Row):
    """A place with equipment."""

    kind_of_row = ElementKind.SITE
    key_fields = ("slug",)
    references = {"unit": ElementKind.UNIT}
    slug: Code
    name: Name
    unit: Code
    kind: Annotated[SiteKind, Field(strict=False)]
    status: Annotated[SiteStatus, Field(strict=False)] = SiteStatus.ACTIVE
    address: Line = ""
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    people: Annotated[int, Field(ge=0, le=1_000_000)] | None = None


class DeviceTypeRow(Row):
    """A model of a manufacturer; the manufacturer is implied."""

    kind_of_row = ElementKind.DEVICE_TYPE
    key_fields = ("manufacturer", "model")
    manufacturer: Word
    model: Word


class InterfaceRow(Row):
    """A port, inside its device."""

    kind_of_row = ElementKind.INTERFACE
    key_fields = ("name",)
    name: Annotated[str, StringConstraints(min_length=1, max_length=64), _Printable]
    description: Line = ""


class DeviceRow(Row):
    """A device."""

    kind_of_row = ElementKind.DEVICE
    key_fields = ("name",)
    references = {"site": ElementKind.SITE}
    name: Hostname
    device_key: DeviceKey | None = None
    site: Code
    role: Annotated[DeviceRole, Field(strict=False)]
    platform: Slug
    manufacturer: Word | None = None
    model: Word | None = None
    primary_ip4: Address | None = None
    status: Annotated[DeviceStatus, Field(strict=False)] = DeviceStatus.ACTIVE
    serial: Annotated[str, StringConstraints(max_length=100), _Printable] = ""
    credentials: dict[Login, Word] = {}
    ports: dict[Transport, Port] = {}
    host_keys: list[Annotated[str, StringConstraints(max_length=4096), _Printable]] = []
    interfaces: list[Any] = []


class ProviderRow(Row):
    """Who sells circuits."""

    kind_of_row = ElementKind.PROVIDER
    key_fields = ("name",)
    name: Word
    hotline: Annotated[str, StringConstraints(max_length=64), _Printable] = ""


class CircuitRow(Row):
    """A leased line between two sites."""

    kind_of_row = ElementKind.CIRCUIT
    key_fields = ("cid",)
    references = {
        "provider": ElementKind.PROVIDER,
        "a": ElementKind.SITE,
        "z": ElementKind.SITE,
    }
    cid: Code
    provider: Word
    a: Code
    z: Code
    commit_rate_kbps: Annotated[int, Field(ge=1, le=2_000_000_000)] | None = None
    status: Annotated[SiteStatus, Field(strict=False)] = SiteStatus.ACTIVE


class LinkRow(Row):
    """A cable between two interfaces, each written `device:interface`."""

    kind_of_row = ElementKind.LINK
    key_fields = ("a", "b")
    references = {"circuit": ElementKind.CIRCUIT}
    a: End
    b: End
    circuit: Code | None = None


class ServiceRow(Row):
    """An e-government system."""

    kind_of_row = ElementKind.SERVICE
    references = {
        "unit": ElementKind.UNIT,
        "runs_on": ElementKind.DEVICE,
        "depends_on": ElementKind.SERVICE,
    }
    code: Code
    name: Name
    kind: Slug
    unit: Code
    runs_on: list[Hostname] = []
    depends_on: list[Code] = []
    url: Url | None = None
    level: Annotated[int, Field(ge=1, le=5)] | None = None


class RoomRow(Row):
    """A meeting room."""

    kind_of_row = ElementKind.ROOM
    references = {"site": ElementKind.SITE}
    code: Code
    name: Name
    site: Code
    sip_uri: Annotated[str, StringConstraints(pattern=r"^sips?:[^\s]+$", max_length=255)] | None = (
        None
    )
    contact_phone: Phone | None = None


class BridgeRow(Row):
    """A conference bridge."""

    kind_of_row = ElementKind.BRIDGE
    references = {"device": ElementKind.DEVICE}
    code: Code
    name: Name
    driver: Slug
    device: Hostname
    url: Url
    admin_url: Url | None = None
    credential: Word | None = None
    capacity_ports: Annotated[int, Field(ge=0, le=100_000)] | None = None


class RegistrarRow(Row):
    """A SIP registrar."""

    kind_of_row = ElementKind.REGISTRAR
    references = {"device": ElementKind.DEVICE}
    code: Code
    device: Hostname
    url: Url
    domain: Word
    credential: Word | None = None


class Province(BaseModel):
    """Whose inventory it is."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    code: Code
    name: Name


SECTIONS: Final[dict[str, type[Row]]] = {
    "units": UnitRow,
    "sites": SiteRow,
    "device_types": DeviceTypeRow,
    "devices": DeviceRow,
    "providers": ProviderRow,
    "circuits": CircuitRow,
    "links": LinkRow,
    "services": ServiceRow,
    "rooms": RoomRow,
    "bridges": BridgeRow,
    "registrars": RegistrarRow,
}
VERSION: Final = 1
