"""Meeting rooms and their endpoints, bridges, registrars."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base
from inventory.models.scoped import ContactId, DeviceId, ScopeId, SearchText, Status


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
    contact_id: Mapped[ContactId | None]
    seats: Mapped[int | None]
    reflector: Mapped[str | None] = mapped_column(String(255))
    search_text: Mapped[str] = mapped_column(Text, default="")


class Endpoint(Base):
    """A codec or terminal of a room."""

    __tablename__ = "inventory_endpoint"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId | None]
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    room_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_room.id"), index=True)
    device_id: Mapped[DeviceId | None]
    device_type_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_device_type.id"))
    address: Mapped[str | None] = mapped_column(String(45), index=True)
    sip_uri: Mapped[str | None] = mapped_column(String(255))
    serial: Mapped[str] = mapped_column(String(100), default="")
    status: Mapped[Status]
    credential: Mapped[str | None] = mapped_column(String(100))
    driver: Mapped[str | None] = mapped_column(String(32))
    url: Mapped[str | None] = mapped_column(Text)
    search_text: Mapped[SearchText]


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
    capacity_kbps: Mapped[int | None]


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
