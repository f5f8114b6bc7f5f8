"""E-government systems and what they stand on."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base
from inventory.models.scoped import (
    ContactId,
    Described,
    ScopeId,
    SearchText,
    Status,
    UnitId,
)


class Service(Base):
    """An e-government system people use; `level` is its information-system level, 1 to 5.

    An `external` one is run by `party`, outside the province.
    """

    __tablename__ = "inventory_service"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(32))
    unit_id: Mapped[int] = mapped_column(ForeignKey("inventory_unit.id"), index=True)
    url: Mapped[str | None] = mapped_column(Text)
    level: Mapped[int | None]
    tier: Mapped[int | None]
    status: Mapped[Status]
    contact_id: Mapped[ContactId | None]
    external: Mapped[bool] = mapped_column(default=False)
    party: Mapped[Described]
    description: Mapped[Described]
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


class ServiceMachine(Base):
    """A virtual machine that a service runs on."""

    __tablename__ = "inventory_service_machine"

    service_id: Mapped[int] = mapped_column(ForeignKey("inventory_service.id"), primary_key=True)
    virtual_machine_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_virtual_machine.id"), primary_key=True, index=True
    )


class ServiceEndpoint(Base):
    """Where a service answers: a URL, or a host and a port; `probe` names a template of probes."""

    __tablename__ = "inventory_service_endpoint"
    __table_args__ = (UniqueConstraint("service_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    service_id: Mapped[int] = mapped_column(ForeignKey("inventory_service.id"))
    name: Mapped[str] = mapped_column(String(64))
    url: Mapped[str | None] = mapped_column(Text)
    host: Mapped[str | None] = mapped_column(String(255))
    port: Mapped[int | None]
    probe: Mapped[str | None] = mapped_column(String(32))
    description: Mapped[Described]


class Certificate(Base):
    """A certificate in use; its private key is never kept."""

    __tablename__ = "inventory_certificate"
    __table_args__ = (UniqueConstraint("serial", "issuer"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId | None]
    serial: Mapped[str] = mapped_column(String(100))
    issuer: Mapped[str] = mapped_column(String(255))
    holder: Mapped[str] = mapped_column(String(255))
    unit_id: Mapped[UnitId | None]
    contact_id: Mapped[ContactId | None]
    purpose: Mapped[str | None] = mapped_column(String(32))
    kept_on: Mapped[str | None] = mapped_column(String(32))
    not_before: Mapped[date | None]
    not_after: Mapped[date] = mapped_column(index=True)
    description: Mapped[Described]
    search_text: Mapped[SearchText]


class CertificateService(Base):
    """A service that shows a certificate."""

    __tablename__ = "inventory_certificate_service"

    certificate_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_certificate.id"), primary_key=True
    )
    service_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_service.id"), primary_key=True, index=True
    )


class CertificateDevice(Base):
    """A device that holds a certificate."""

    __tablename__ = "inventory_certificate_device"

    certificate_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_certificate.id"), primary_key=True
    )
    device_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_device.id"), primary_key=True, index=True
    )
