"""Places with equipment: sites, what lies inside them, and security zones."""

from __future__ import annotations

from sqlalchemy import Float, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base
from inventory.models.scoped import Described, ScopeId, SearchText, SiteId, Status, TenantId, UnitId


class Site(Base):
    """A place with equipment; `people` is how many work there, absent when nobody counted.

    `power_customer_code` is what the power company knows it by.
    """

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
    tenant_id: Mapped[TenantId | None]
    phone: Mapped[str] = mapped_column(String(32), default="")
    power_company: Mapped[str] = mapped_column(String(100), default="", server_default="")
    power_hotline: Mapped[str] = mapped_column(String(32), default="", server_default="")
    power_customer_code: Mapped[str] = mapped_column(String(32), default="", server_default="")
    search_text: Mapped[str] = mapped_column(Text, default="")


class Location(Base):
    """A part of a site: a building, a floor, a room with equipment."""

    __tablename__ = "inventory_location"
    __table_args__ = (UniqueConstraint("site_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    site_id: Mapped[int] = mapped_column(ForeignKey("inventory_site.id"))
    slug: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_location.id"), index=True)
    description: Mapped[Described]
    search_text: Mapped[SearchText]


class Rack(Base):
    """A rack at a site; `u_height` in rack units."""

    __tablename__ = "inventory_rack"
    __table_args__ = (UniqueConstraint("site_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    site_id: Mapped[int] = mapped_column(ForeignKey("inventory_site.id"))
    name: Mapped[str] = mapped_column(String(100))
    location_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_location.id"), index=True)
    status: Mapped[Status]
    u_height: Mapped[int] = mapped_column(default=42)
    serial: Mapped[str] = mapped_column(String(100), default="")
    asset_tag: Mapped[str | None] = mapped_column(String(64))
    description: Mapped[Described]


class Zone(Base):
    """A security zone: what stands in it trusts alike."""

    __tablename__ = "inventory_zone"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId | None]
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(32))
    unit_id: Mapped[UnitId | None]
    site_id: Mapped[SiteId | None]
    description: Mapped[Described]
    search_text: Mapped[SearchText]
