"""Runs of discovery, the devices they met, and what was tried where."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base, JSONText, UTCDateTime
from inventory.models.scoped import ScopeId


class DiscoveryRun(Base):
    """One run: who asked for what, how far it came; `failures` are bounded, `failed` is not."""

    __tablename__ = "inventory_discovery_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    requester: Mapped[str] = mapped_column(String(100))
    order: Mapped[dict[str, Any]] = mapped_column("asked_for", JSONText)
    state: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    asked: Mapped[int] = mapped_column(default=0)
    answered: Mapped[int] = mapped_column(default=0)
    devices: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    proposed: Mapped[int] = mapped_column(default=0)
    is_cut: Mapped[bool] = mapped_column(default=False)
    failures: Mapped[list[dict[str, str]]] = mapped_column(JSONText, default=list)
    error: Mapped[str] = mapped_column(Text, default="")


class KnownDevice(Base):
    """A device that was met: its marks, and which device of the inventory it is, if any."""

    __tablename__ = "inventory_discovery_device"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    device_id: Mapped[int | None] = mapped_column(index=True)
    marks: Mapped[dict[str, Any]] = mapped_column(JSONText)
    name: Mapped[str] = mapped_column(String(255))
    address: Mapped[str] = mapped_column(String(45))
    platform: Mapped[str | None] = mapped_column(String(64))
    first_seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UTCDateTime)


class CredentialTry(Base):
    """How often a credential was refused at an address since it last worked there."""

    __tablename__ = "inventory_discovery_try"

    address: Mapped[str] = mapped_column(String(45), primary_key=True)
    credential: Mapped[str] = mapped_column(String(100), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UTCDateTime)
