"""Organisations in a free tree, who else uses their places, and whom to call."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base, JSONText
from inventory.models.scoped import Described, ScopeId, SearchText, UnitId


class Unit(Base):
    """An organisation, in a free tree that feeds `hatang.scope`; `aliases` are old codes too."""

    __tablename__ = "inventory_unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(32))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_unit.id"), index=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    aliases: Mapped[list[str]] = mapped_column(JSONText, default=list)
    search_text: Mapped[str] = mapped_column(Text, default="")


class Tenant(Base):
    """Who uses a site, device or circuit without owning the place: tax, treasury, customs."""

    __tablename__ = "inventory_tenant"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[Described]
    search_text: Mapped[SearchText]


class Contact(Base):
    """A person to call, and what for."""

    __tablename__ = "inventory_contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId | None]
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    unit_id: Mapped[UnitId | None]
    function: Mapped[Described]
    phone: Mapped[str] = mapped_column(String(32), default="")
    mobile: Mapped[str] = mapped_column(String(32), default="")
    mail: Mapped[str | None] = mapped_column(String(255))
    search_text: Mapped[SearchText]


class ContactSite(Base):
    """A site that a contact answers for."""

    __tablename__ = "inventory_contact_site"

    contact_id: Mapped[int] = mapped_column(ForeignKey("inventory_contact.id"), primary_key=True)
    site_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_site.id"), primary_key=True, index=True
    )


class ContactService(Base):
    """A service that a contact answers for."""

    __tablename__ = "inventory_contact_service"

    contact_id: Mapped[int] = mapped_column(ForeignKey("inventory_contact.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_service.id"), primary_key=True, index=True
    )


class ContactProvider(Base):
    """A provider that a contact works for."""

    __tablename__ = "inventory_contact_provider"

    contact_id: Mapped[int] = mapped_column(ForeignKey("inventory_contact.id"), primary_key=True)
    provider_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_provider.id"), primary_key=True, index=True
    )
