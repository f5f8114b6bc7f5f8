"""Clusters and virtual machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from inventory.sources.netbox.shapes import bare, choice, line, number, place, site_of, text, whole

if TYPE_CHECKING:
    from inventory.sources.document import Draft
    from inventory.sources.mapping import Mapping
    from inventory.sources.netbox.client import Found

# Release notes of NetBox 4.1: disks were given in GB before, in MB since.
_DISKS_IN_MB: Final = (4, 1)
_MB_A_GB: Final = 1000


def translate(found: Found, mapping: Mapping, draft: Draft) -> None:
    """Add their rows."""
    for thing in found.of("virtualization/clusters"):
        draft.add(
            "clusters", place(thing, "virtualization/clusters"),
            name=text(thing, "name"), type=text(thing, "type", "slug"), site=site_of(thing),
            tenant=text(thing, "tenant", "slug"), status=choice(thing, "status"),
            description=line(thing, "description"),
        )  # fmt: skip
    unit = _MB_A_GB if found.version >= _DISKS_IN_MB else 1
    for thing in found.of("virtualization/virtual-machines"):
        disk, platform = whole(thing, "disk"), text(thing, "platform", "slug")
        draft.add(
            "virtual_machines", place(thing, "virtualization/virtual-machines"),
            name=text(thing, "name"), cluster=text(thing, "cluster", "name"),
            device=text(thing, "device", "name"), site=text(thing, "site", "slug"),
            role=text(thing, "role", "slug"),
            platform=mapping.platform(platform) if platform else None,
            status=choice(thing, "status"), vcpus=number(thing, "vcpus"),
            memory_mb=whole(thing, "memory"),
            disk_gb=None if disk is None else -(-disk // unit),
            primary_ip4=bare(thing, "primary_ip4"), primary_ip6=bare(thing, "primary_ip6"),
            tenant=text(thing, "tenant", "slug"), description=line(thing, "description"),
        )  # fmt: skip
