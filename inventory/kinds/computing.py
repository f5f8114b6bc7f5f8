"""What runs on hardware: software, clusters, virtual machines, storage."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field, StringConstraints

from inventory.choices import ClusterStatus, ElementKind, MachineStatus
from inventory.kinds.form import (
    Address,
    Address6,
    Code,
    Count,
    Day,
    Hostname,
    Inside,
    Lax,
    Line,
    PortName,
    Printable,
    Row,
    Slug,
    Word,
)
from inventory.kinds.kind import Kind, Many
from inventory.models import (
    Cluster,
    Software,
    SoftwareDevice,
    SoftwareMachine,
    SoftwareService,
    StorageVolume,
    VirtualMachine,
    VolumeMachine,
)

_Optional = Annotated[str, StringConstraints(max_length=100), Printable]


class SoftwareRow(Row):
    """A release of a product, its licence, until when it is supported, and where it is installed.

    Named `NAME/VERSION`.
    """

    kind_of_row = ElementKind.SOFTWARE
    key_fields = ("name", "version")
    references: ClassVar = {
        "devices": ElementKind.DEVICE,
        "virtual_machines": ElementKind.VIRTUAL_MACHINE,
        "services": ElementKind.SERVICE,
    }
    name: Word
    version: PortName
    vendor: _Optional = ""
    kind: Slug | None = None
    licence: _Optional = ""
    licence_count: Count | None = None
    licence_expires: Day | None = None
    end_of_support: Day | None = None
    devices: list[Hostname] = Field(default_factory=list)
    virtual_machines: list[Hostname] = Field(default_factory=list)
    services: list[Code] = Field(default_factory=list)


class ClusterRow(Row):
    """Hosts that run virtual machines together."""

    kind_of_row = ElementKind.CLUSTER
    key_fields = ("name",)
    references: ClassVar = {"site": ElementKind.SITE, "tenant": ElementKind.TENANT}
    name: Annotated[str, StringConstraints(min_length=1, max_length=64), Printable]
    type: Slug | None = None
    site: Code | None = None
    tenant: Code | None = None
    status: Annotated[ClusterStatus, Lax] = ClusterStatus.ACTIVE
    description: Line = ""


class VirtualMachineRow(Row):
    """A virtual machine; memory in MiB, disk in GiB."""

    kind_of_row = ElementKind.VIRTUAL_MACHINE
    key_fields = ("name",)
    references: ClassVar = {
        "cluster": ElementKind.CLUSTER,
        "device": ElementKind.DEVICE,
        "site": ElementKind.SITE,
        "tenant": ElementKind.TENANT,
        "zone": ElementKind.ZONE,
        "software": ElementKind.SOFTWARE,
    }
    name: Hostname
    cluster: Word | None = None
    device: Hostname | None = None
    site: Code | None = None
    role: Slug | None = None
    platform: Slug | None = None
    status: Annotated[MachineStatus, Lax] = MachineStatus.ACTIVE
    vcpus: Annotated[float, Field(gt=0, le=10_000, strict=False)] | None = None
    memory_mb: Annotated[int, Field(ge=1, le=2_000_000_000)] | None = None
    disk_gb: Annotated[int, Field(ge=0, le=2_000_000_000)] | None = None
    primary_ip4: Address | None = None
    primary_ip6: Address6 | None = None
    tenant: Code | None = None
    zone: Code | None = None
    software: Inside | None = None
    description: Line = ""


class StorageVolumeRow(Row):
    """A volume of a storage device, and which machines use it; the size in GiB."""

    kind_of_row = ElementKind.STORAGE_VOLUME
    key_fields = ("device", "name")
    references: ClassVar = {
        "device": ElementKind.DEVICE,
        "cluster": ElementKind.CLUSTER,
        "virtual_machines": ElementKind.VIRTUAL_MACHINE,
    }
    device: Hostname
    name: PortName
    size_gb: Annotated[int, Field(ge=0, le=1_000_000_000_000)] | None = None
    purpose: Line = ""
    cluster: Word | None = None
    virtual_machines: list[Hostname] = Field(default_factory=list)


KINDS: Final = (
    Kind(
        row=SoftwareRow,
        model=Software,
        section="software",
        many={
            "devices": Many(SoftwareDevice, "software_id", "device_id"),
            "virtual_machines": Many(SoftwareMachine, "software_id", "virtual_machine_id"),
            "services": Many(SoftwareService, "software_id", "service_id"),
        },
        searched=("name", "vendor"),
    ),
    Kind(row=ClusterRow, model=Cluster, section="clusters", scope=("site",)),
    Kind(
        row=VirtualMachineRow,
        model=VirtualMachine,
        section="virtual_machines",
        scope=("site", "device", "cluster"),
        searched=("primary_ip4", "primary_ip6", "description"),
    ),
    Kind(
        row=StorageVolumeRow,
        model=StorageVolume,
        section="storage_volumes",
        many={
            "virtual_machines": Many(VolumeMachine, "storage_volume_id", "virtual_machine_id"),
        },
        scope=("device",),
        separator=":",
    ),
)
