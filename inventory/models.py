"""Tables of the inventory: columns hold what is intended, `inventory_field` what was observed.

Every table that a person lists carries `scope_id`: the scope of the unit that owns the row, or,
for what joins two places, of the end deeper in the tree, because that end is the one served.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from sqlalchemy import Float, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base, JSONText, UTCDateTime
from hatang.scope.models import Scope

ScopeId = Annotated[int, mapped_column(ForeignKey(Scope.id), index=True)]


class Unit(Base):
    """An organisation, in a free tree; its tree feeds `hatang.scope`."""

    __tablename__ = "inventory_unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(32))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_unit.id"), index=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    search_text: Mapped[str] = mapped_column(Text, default="")


class Site(Base):
    """A place with equipment; `people` is how many work there, absent when nobody counted."""

    __tablename__ = "inventory_site"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    unit_id: Mapped[int] = mapped_column(ForeignKey("inventory_unit.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(32), default="active")
    address: Mapped[str] = mapped_column(Text, default="")
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    people: Mapped[int | None]
    search_text: Mapped[str] = mapped_column(Text, default="")


class Manufacturer(Base):
    """Who makes device types."""

    __tablename__ = "inventory_manufacturer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)


class DeviceType(Base):
    """A model of a manufacturer."""

    __tablename__ = "inventory_device_type"
    __table_args__ = (UniqueConstraint("manufacturer_id", "model"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    manufacturer_id: Mapped[int] = mapped_column(ForeignKey("inventory_manufacturer.id"))
    model: Mapped[str] = mapped_column(String(100))


class Device(Base):
    """A device; `device_key` never changes, so that a rename keeps its history."""

    __tablename__ = "inventory_device"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    device_key: Mapped[str] = mapped_column(String(36), unique=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("inventory_site.id"), index=True)
    role: Mapped[str] = mapped_column(String(32), index=True)
    platform: Mapped[str] = mapped_column(String(64))
    device_type_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_device_type.id"))
    status: Mapped[str] = mapped_column(String(32), default="active")
    primary_ip4: Mapped[str | None] = mapped_column(String(15), index=True)
    serial: Mapped[str] = mapped_column(String(100), default="")
    ports: Mapped[dict[str, int]] = mapped_column(JSONText, default=dict)
    credentials: Mapped[dict[str, str]] = mapped_column(JSONText, default=dict)
    search_text: Mapped[str] = mapped_column(Text, default="")


class Interface(Base):
    """A port of a device."""

    __tablename__ = "inventory_interface"
    __table_args__ = (UniqueConstraint("device_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id"))
    name: Mapped[str] = mapped_column(String(64))
    description: Mapped[str] = mapped_column(String(255), default="")


class Provider(Base):
    """Who sells circuits."""

    __tablename__ = "inventory_provider"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    hotline: Mapped[str] = mapped_column(String(64), default="")


class Circuit(Base):
    """A leased line between two sites; the rate is what the contract commits, in kbit/s."""

    __tablename__ = "inventory_circuit"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    cid: Mapped[str] = mapped_column(String(100), unique=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("inventory_provider.id"), index=True)
    a_site_id: Mapped[int] = mapped_column(ForeignKey("inventory_site.id"), index=True)
    z_site_id: Mapped[int] = mapped_column(ForeignKey("inventory_site.id"), index=True)
    commit_rate_kbps: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(32), default="active")


class Link(Base):
    """A cable between two interfaces, possibly carried by a circuit."""

    __tablename__ = "inventory_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    a_interface_id: Mapped[int] = mapped_column(ForeignKey("inventory_interface.id"), unique=True)
    z_interface_id: Mapped[int] = mapped_column(ForeignKey("inventory_interface.id"), unique=True)
    circuit_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_circuit.id"), index=True)


class Service(Base):
    """An e-government system people use; `level` is its information-system level, 1 to 5."""

    __tablename__ = "inventory_service"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(32))
    unit_id: Mapped[int] = mapped_column(ForeignKey("inventory_unit.id"), index=True)
    url: Mapped[str | None] = mapped_column(Text)
    level: Mapped[int | None]
    search_text: Mapped[str] = mapped_column(Text, default="")


class ServiceDevice(Base):
    """A device that a service runs on."""

    __tablename__ = "inventory_service_device"

    service_id: Mapped[int] = mapped_column(ForeignKey("inventory_service.id"), primary_key=True)
    device_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_device.id"), primary_key=True, index=True
    )


class ServiceDependency(Base):
    """A service that another one cannot do without."""

    __tablename__ = "inventory_service_dependency"

    service_id: Mapped[int] = mapped_column(ForeignKey("inventory_service.id"), primary_key=True)
    depends_on_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_service.id"), primary_key=True, index=True
    )


class Room(Base):
    """A meeting room; in one meeting it is a point."""

    __tablename__ = "inventory_room"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    site_id: Mapped[int] = mapped_column(ForeignKey("inventory_site.id"), index=True)
    sip_uri: Mapped[str | None] = mapped_column(String(255))
    contact_phone: Mapped[str | None] = mapped_column(String(32))
    search_text: Mapped[str] = mapped_column(Text, default="")


class Bridge(Base):
    """A conference bridge (MCU) and where its doors are."""

    __tablename__ = "inventory_bridge"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    driver: Mapped[str] = mapped_column(String(32))
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id"), index=True)
    url: Mapped[str] = mapped_column(Text)
    admin_url: Mapped[str | None] = mapped_column(Text)
    credential: Mapped[str | None] = mapped_column(String(100))
    capacity_ports: Mapped[int | None]


class Registrar(Base):
    """A SIP registrar and where it can be asked who is registered."""

    __tablename__ = "inventory_registrar"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    code: Mapped[str] = mapped_column(String(64), unique=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id"), index=True)
    url: Mapped[str] = mapped_column(Text)
    domain: Mapped[str] = mapped_column(String(255))
    credential: Mapped[str | None] = mapped_column(String(100))


class Field(Base):
    """What was observed of one field beside what is intended; null means not known."""

    __tablename__ = "inventory_field"
    __table_args__ = (UniqueConstraint("kind", "element_id", "field"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    kind: Mapped[str] = mapped_column(String(32))
    element_id: Mapped[int]
    field: Mapped[str] = mapped_column(String(64))
    intended: Mapped[Any | None] = mapped_column(JSONText)
    observed: Mapped[Any | None] = mapped_column(JSONText)
    source: Mapped[str] = mapped_column(String(64))
    observed_at: Mapped[datetime] = mapped_column(UTCDateTime)
