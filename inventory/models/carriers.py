"""Who sells circuits, and the circuits."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base
from inventory.models.scoped import ScopeId


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
