"""Devices, what they are, their ports and the cables between them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Float, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base, JSONText
from inventory.models.scoped import Described, ScopeId, SoftwareId, Status, TenantId, ZoneId


class Manufacturer(Base):
    """Who makes device types."""

    __tablename__ = "inventory_manufacturer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    description: Mapped[Described]


class DeviceType(Base):
    """A model of a manufacturer; `definition` is its NetBox library file, counts follow from it."""

    __tablename__ = "inventory_device_type"
    __table_args__ = (UniqueConstraint("manufacturer_id", "model"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    manufacturer_id: Mapped[int] = mapped_column(ForeignKey("inventory_manufacturer.id"))
    model: Mapped[str] = mapped_column(String(100))
    slug: Mapped[str | None] = mapped_column(String(100))
    part_number: Mapped[str] = mapped_column(String(64), default="")
    u_height: Mapped[float | None] = mapped_column(Float)
    interface_count: Mapped[int | None]
    power_port_count: Mapped[int | None]
    console_port_count: Mapped[int | None]
    module_bay_count: Mapped[int | None]
    definition: Mapped[dict[str, Any] | None] = mapped_column(JSONText)


class ModuleType(Base):
    """A part that goes into a bay of a device; `definition` as for device types."""

    __tablename__ = "inventory_module_type"
    __table_args__ = (UniqueConstraint("manufacturer_id", "model"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    manufacturer_id: Mapped[int] = mapped_column(ForeignKey("inventory_manufacturer.id"))
    model: Mapped[str] = mapped_column(String(100))
    part_number: Mapped[str] = mapped_column(String(64), default="")
    interface_count: Mapped[int | None]
    power_port_count: Mapped[int | None]
    console_port_count: Mapped[int | None]
    definition: Mapped[dict[str, Any] | None] = mapped_column(JSONText)


class Device(Base):
    """A device; `device_key` never changes, so that a rename keeps its history.

    `aaa_server` is the TACACS+ or RADIUS server it asks about logins; None where it asks none.
    """

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
    location_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_location.id"), index=True)
    rack_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_rack.id"), index=True)
    position: Mapped[float | None] = mapped_column(Float)
    face: Mapped[str | None] = mapped_column(String(8))
    tenant_id: Mapped[TenantId | None]
    zone_id: Mapped[ZoneId | None]
    cluster_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_cluster.id"), index=True)
    software_id: Mapped[SoftwareId | None]
    asset_tag: Mapped[str | None] = mapped_column(String(64))
    primary_ip6: Mapped[str | None] = mapped_column(String(45), index=True)
    oob_ip: Mapped[str | None] = mapped_column(String(45))
    aaa_server: Mapped[str | None] = mapped_column(String(100))
    search_text: Mapped[str] = mapped_column(Text, default="")


class Module(Base):
    """A part in a bay of a device."""

    __tablename__ = "inventory_module"
    __table_args__ = (UniqueConstraint("device_id", "bay"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id"))
    bay: Mapped[str] = mapped_column(String(64))
    module_type_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_module_type.id"), index=True
    )
    serial: Mapped[str] = mapped_column(String(100), default="")
    status: Mapped[Status]
    description: Mapped[Described]


def _where_set(column: str) -> Index:
    """Return an index over the few rows in which `column` is set."""
    is_set = text(f"{column} IS NOT NULL")
    return Index(None, column, sqlite_where=is_set, postgresql_where=is_set)


class Interface(Base):
    """A port of a device; the speed in kbit/s."""

    __tablename__ = "inventory_interface"
    __table_args__ = (
        UniqueConstraint("device_id", "name"),
        _where_set("lag_id"),
        _where_set("parent_id"),
        _where_set("untagged_vlan_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id"))
    name: Mapped[str] = mapped_column(String(64))
    description: Mapped[str] = mapped_column(String(255), default="")
    type: Mapped[str | None] = mapped_column(String(32))
    enabled: Mapped[bool] = mapped_column(default=True)
    mgmt_only: Mapped[bool] = mapped_column(default=False)
    mtu: Mapped[int | None]
    mac_address: Mapped[str | None] = mapped_column(String(17))
    speed_kbps: Mapped[int | None] = mapped_column(BigInteger)
    mode: Mapped[str | None] = mapped_column(String(16))
    untagged_vlan_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_vlan.id"))
    lag_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_interface.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_interface.id"))


class InterfaceVlan(Base):
    """A VLAN that an interface carries tagged."""

    __tablename__ = "inventory_interface_vlan"

    interface_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_interface.id"), primary_key=True
    )
    vlan_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_vlan.id"), primary_key=True, index=True
    )


class Link(Base):
    """A cable between two interfaces, possibly carried by a circuit."""

    __tablename__ = "inventory_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    a_interface_id: Mapped[int] = mapped_column(ForeignKey("inventory_interface.id"), unique=True)
    z_interface_id: Mapped[int] = mapped_column(ForeignKey("inventory_interface.id"), unique=True)
    circuit_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_circuit.id"), index=True)
