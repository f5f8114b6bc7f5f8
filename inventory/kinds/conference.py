"""Meeting rooms, bridges, registrars."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field

from inventory.choices import ElementKind
from inventory.kinds.form import Code, Hostname, Name, Phone, Row, SipUri, Slug, Url, Word
from inventory.kinds.kind import Kind
from inventory.models import Bridge, Registrar, Room


class RoomRow(Row):
    """A meeting room."""

    kind_of_row = ElementKind.ROOM
    references: ClassVar = {"site": ElementKind.SITE}
    code: Code
    name: Name
    site: Code
    sip_uri: SipUri | None = None
    contact_phone: Phone | None = None


class BridgeRow(Row):
    """A conference bridge."""

    kind_of_row = ElementKind.BRIDGE
    references: ClassVar = {"device": ElementKind.DEVICE}
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
    references: ClassVar = {"device": ElementKind.DEVICE}
    code: Code
    device: Hostname
    url: Url
    domain: Word
    credential: Word | None = None


KINDS: Final = (
    Kind(row=RoomRow, model=Room, section="rooms", scope=("site",), searched=("name",)),
    Kind(row=BridgeRow, model=Bridge, section="bridges", scope=("device",)),
    Kind(row=RegistrarRow, model=Registrar, section="registrars", scope=("device",)),
)
