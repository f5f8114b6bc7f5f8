"""Meeting rooms and their endpoints, bridges, registrars."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field

from inventory.choices import DeviceStatus, ElementKind
from inventory.kinds.form import (
    AnyAddress,
    Code,
    Count,
    DoorUrl,
    Hostname,
    Lax,
    Name,
    Phone,
    Row,
    Serial,
    SipUri,
    Slug,
    Url,
    WayUrl,
    Word,
)
from inventory.kinds.kind import Composite, Kind
from inventory.models import Bridge, Endpoint, Registrar, Room


class RoomRow(Row):
    """A meeting room."""

    kind_of_row = ElementKind.ROOM
    references: ClassVar = {"site": ElementKind.SITE, "contact": ElementKind.CONTACT}
    code: Code
    name: Name
    site: Code
    sip_uri: SipUri | None = None
    contact_phone: Phone | None = None
    contact: Code | None = None
    seats: Count | None = None
    reflector: WayUrl | None = None


class EndpointRow(Row):
    """A codec or terminal of a room."""

    kind_of_row = ElementKind.ENDPOINT
    references: ClassVar = {"room": ElementKind.ROOM, "device": ElementKind.DEVICE}
    code: Code
    name: Name
    room: Code | None = None
    device: Hostname | None = None
    manufacturer: Word | None = None
    model: Word | None = None
    address: AnyAddress | None = None
    sip_uri: SipUri | None = None
    serial: Serial = ""
    status: Annotated[DeviceStatus, Lax] = DeviceStatus.ACTIVE
    credential: Word | None = None
    driver: Slug | None = None
    url: DoorUrl | None = None


class BridgeRow(Row):
    """A conference bridge."""

    kind_of_row = ElementKind.BRIDGE
    references: ClassVar = {"device": ElementKind.DEVICE}
    code: Code
    name: Name
    driver: Slug
    device: Hostname
    url: DoorUrl
    admin_url: Url | None = None
    credential: Word | None = None
    capacity_ports: Annotated[int, Field(ge=0, le=100_000)] | None = None
    capacity_kbps: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None


class RegistrarRow(Row):
    """A SIP registrar."""

    kind_of_row = ElementKind.REGISTRAR
    references: ClassVar = {"device": ElementKind.DEVICE}
    code: Code
    device: Hostname
    url: Url
    domain: Word
    credential: Word | None = None


KINDS: Final = (
    Kind(row=RoomRow, model=Room, section="rooms", scope=("site",), searched=("name",)),
    Kind(
        row=EndpointRow,
        model=Endpoint,
        section="endpoints",
        composites={
            "device_type": Composite(ElementKind.DEVICE_TYPE, ("manufacturer", "model")),
        },
        scope=("room", "device"),
        searched=("name", "address", "sip_uri", "serial"),
    ),
    Kind(row=BridgeRow, model=Bridge, section="bridges", scope=("device",)),
    Kind(row=RegistrarRow, model=Registrar, section="registrars", scope=("device",)),
)
