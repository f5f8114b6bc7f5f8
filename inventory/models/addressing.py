"""Prefixes, addresses, VLANs, and the VRFs that keep them apart."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base
from inventory.models.scoped import (
    Described,
    MachineId,
    ScopeId,
    SearchText,
    SiteId,
    Status,
    TenantId,
    ZoneId,
)


class Vrf(Base):
    """A routing table of its own; addresses may repeat between two."""

    __tablename__ = "inventory_vrf"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    rd: Mapped[str | None] = mapped_column(String(32), unique=True)
    description: Mapped[Described]


class Vlan(Base):
    """A VLAN of a site, or of the whole province."""

    __tablename__ = "inventory_vlan"
    __table_args__ = (UniqueConstraint("site_id", "vid"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId | None]
    site_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_site.id"))
    vid: Mapped[int]
    name: Mapped[str] = mapped_column(String(64))
    status: Mapped[Status]
    zone_id: Mapped[ZoneId | None]
    tenant_id: Mapped[TenantId | None]
    description: Mapped[Described]


class Prefix(Base):
    """A range of addresses with a purpose."""

    __tablename__ = "inventory_prefix"
    __table_args__ = (UniqueConstraint("vrf_id", "prefix"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId | None]
    prefix: Mapped[str] = mapped_column(String(49), index=True)
    vrf_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_vrf.id"))
    site_id: Mapped[SiteId | None]
    vlan_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_vlan.id"), index=True)
    zone_id: Mapped[ZoneId | None]
    tenant_id: Mapped[TenantId | None]
    status: Mapped[Status]
    role: Mapped[str | None] = mapped_column(String(32))
    is_pool: Mapped[bool] = mapped_column(default=False)
    description: Mapped[Described]


class Address(Base):
    """An address with the length of its network, as an interface or a machine has it."""

    __tablename__ = "inventory_address"
    __table_args__ = (UniqueConstraint("vrf_id", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId | None]
    address: Mapped[str] = mapped_column(String(49), index=True)
    vrf_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_vrf.id"))
    interface_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_interface.id"), index=True
    )
    virtual_machine_id: Mapped[MachineId | None]
    status: Mapped[Status]
    role: Mapped[str | None] = mapped_column(String(16))
    dns_name: Mapped[str] = mapped_column(String(255), default="")
    tenant_id: Mapped[TenantId | None]
    description: Mapped[Described]
    search_text: Mapped[SearchText]
