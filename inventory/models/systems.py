"""E-government systems and what they stand on."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base
from inventory.models.scoped import ScopeId


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
