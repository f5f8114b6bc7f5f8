"""Devices, what they are, their ports and the cables between them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base, JSONText
from inventory.models.scoped import ScopeId


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


class Link(Base):
    """A cable between two interfaces, possibly carried by a circuit."""

    __tablename__ = "inventory_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    a_interface_id: Mapped[int] = mapped_column(ForeignKey("inventory_interface.id"), unique=True)
    z_interface_id: Mapped[int] = mapped_column(ForeignKey("inventory_interface.id"), unique=True)
    circuit_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_circuit.id"), index=True)
