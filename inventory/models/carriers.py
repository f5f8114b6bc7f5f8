"""Who sells circuits, and the circuits."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base
from inventory.models.scoped import Described, ScopeId, TenantId


class Provider(Base):
    """Who sells circuits."""

    __tablename__ = "inventory_provider"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    hotline: Mapped[str] = mapped_column(String(64), default="")
    asn: Mapped[int | None] = mapped_column(BigInteger)
    account: Mapped[str] = mapped_column(String(100), default="")
    portal_url: Mapped[str | None] = mapped_column(Text)


class Circuit(Base):
    """A leased line between two sites; the rates are what the contract commits, in kbit/s.

    `commit_rate_kbps` is towards Z, `upstream_rate_kbps` towards A where it is another.
    """

    __tablename__ = "inventory_circuit"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    cid: Mapped[str] = mapped_column(String(100), unique=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("inventory_provider.id"), index=True)
    a_site_id: Mapped[int] = mapped_column(ForeignKey("inventory_site.id"), index=True)
    z_site_id: Mapped[int] = mapped_column(ForeignKey("inventory_site.id"), index=True)
    commit_rate_kbps: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(32), default="active")
    type: Mapped[str | None] = mapped_column(String(32))
    upstream_rate_kbps: Mapped[int | None]
    domestic_rate_kbps: Mapped[int | None]
    international_rate_kbps: Mapped[int | None]
    contract_number: Mapped[str] = mapped_column(String(100), default="")
    contract_expires: Mapped[date | None] = mapped_column(index=True)
    hotline: Mapped[str] = mapped_column(String(64), default="")
    tenant_id: Mapped[TenantId | None]
    description: Mapped[Described]
