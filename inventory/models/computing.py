"""What runs on hardware: software, clusters, virtual machines, storage."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Float, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base
from inventory.models.scoped import (
    Described,
    DeviceId,
    ScopeId,
    SearchText,
    SiteId,
    SoftwareId,
    Status,
    TenantId,
    ZoneId,
)


class Software(Base):
    """A release of a product, its licence, and until when it is supported."""

    __tablename__ = "inventory_software"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    version: Mapped[str] = mapped_column(String(64))
    vendor: Mapped[str] = mapped_column(String(100), default="")
    kind: Mapped[str | None] = mapped_column(String(32))
    licence: Mapped[str] = mapped_column(String(100), default="")
    licence_count: Mapped[int | None]
    licence_expires: Mapped[date | None] = mapped_column(index=True)
    end_of_support: Mapped[date | None] = mapped_column(index=True)
    search_text: Mapped[SearchText]


class Cluster(Base):
    """Hosts that run virtual machines together."""

    __tablename__ = "inventory_cluster"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId | None]
    name: Mapped[str] = mapped_column(String(64), unique=True)
    type: Mapped[str | None] = mapped_column(String(32))
    site_id: Mapped[SiteId | None]
    tenant_id: Mapped[TenantId | None]
    status: Mapped[Status]
    description: Mapped[Described]


class VirtualMachine(Base):
    """A virtual machine; memory in MiB, disk in GiB."""

    __tablename__ = "inventory_virtual_machine"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId | None]
    name: Mapped[str] = mapped_column(String(64), unique=True)
    cluster_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_cluster.id"), index=True)
    device_id: Mapped[DeviceId | None]
    site_id: Mapped[SiteId | None]
    role: Mapped[str | None] = mapped_column(String(32))
    platform: Mapped[str | None] = mapped_column(String(64))
    status: Mapped[Status]
    vcpus: Mapped[float | None] = mapped_column(Float)
    memory_mb: Mapped[int | None]
    disk_gb: Mapped[int | None]
    primary_ip4: Mapped[str | None] = mapped_column(String(15), index=True)
    primary_ip6: Mapped[str | None] = mapped_column(String(45), index=True)
    tenant_id: Mapped[TenantId | None]
    zone_id: Mapped[ZoneId | None]
    software_id: Mapped[SoftwareId | None]
    description: Mapped[Described]
    search_text: Mapped[SearchText]


class StorageVolume(Base):
    """A volume of a storage device; the size in GiB."""

    __tablename__ = "inventory_storage_volume"
    __table_args__ = (UniqueConstraint("device_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    device_id: Mapped[int] = mapped_column(ForeignKey("inventory_device.id"))
    name: Mapped[str] = mapped_column(String(64))
    size_gb: Mapped[int | None] = mapped_column(BigInteger)
    purpose: Mapped[Described]
    cluster_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_cluster.id"), index=True)


class VolumeMachine(Base):
    """A virtual machine that uses a volume."""

    __tablename__ = "inventory_volume_machine"

    storage_volume_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_storage_volume.id"), primary_key=True
    )
    virtual_machine_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_virtual_machine.id"), primary_key=True, index=True
    )


class SoftwareDevice(Base):
    """A device that a release is installed on."""

    __tablename__ = "inventory_software_device"

    software_id: Mapped[int] = mapped_column(ForeignKey("inventory_software.id"), primary_key=True)
    device_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_device.id"), primary_key=True, index=True
    )


class SoftwareMachine(Base):
    """A virtual machine that a release is installed on."""

    __tablename__ = "inventory_software_machine"

    software_id: Mapped[int] = mapped_column(ForeignKey("inventory_software.id"), primary_key=True)
    virtual_machine_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_virtual_machine.id"), primary_key=True, index=True
    )


class SoftwareService(Base):
    """A service that is made of a release."""

    __tablename__ = "inventory_software_service"

    software_id: Mapped[int] = mapped_column(ForeignKey("inventory_software.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_service.id"), primary_key=True, index=True
    )
