"""VRFs, VLANs, prefixes, addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inventory.sources.netbox.shapes import (
    choice,
    identity,
    line,
    nested,
    place,
    role_of,
    site_of,
    text,
    whole,
)

if TYPE_CHECKING:
    from inventory.sources.document import Draft
    from inventory.sources.mapping import Mapping
    from inventory.sources.netbox.client import Found, Thing


def translate(found: Found, mapping: Mapping, draft: Draft) -> None:
    """Add their rows."""
    for thing in found.of("ipam/vrfs"):
        draft.add(
            "vrfs", place(thing, "ipam/vrfs"),
            name=text(thing, "name"), rd=text(thing, "rd"), description=line(thing, "description"),
        )  # fmt: skip
    sites = _vlan_sites(found)
    for thing in found.of("ipam/vlans"):
        draft.add(
            "vlans", place(thing, "ipam/vlans"),
            site=sites[thing["id"]], vid=whole(thing, "vid"), name=text(thing, "name"),
            status=choice(thing, "status"), tenant=text(thing, "tenant", "slug"),
            description=line(thing, "description"),
        )  # fmt: skip
    vlans = vlan_keys(found)
    for thing in found.of("ipam/prefixes"):
        draft.add(
            "prefixes", place(thing, "ipam/prefixes"),
            prefix=text(thing, "prefix"), vrf=text(thing, "vrf", "name"), site=site_of(thing),
            vlan=vlans.get(identity(thing, "vlan")), tenant=text(thing, "tenant", "slug"),
            status=choice(thing, "status"), role=text(thing, "role", "slug"),
            is_pool=nested(thing, "is_pool"), description=line(thing, "description"),
        )  # fmt: skip
    _addresses(found, mapping, draft)


def vlan_keys(found: Found) -> dict[int, str]:
    """Return the key of each VLAN: `SITE/VID`, or `VID` where it belongs to no site."""
    sites = _vlan_sites(found)
    return {
        thing["id"]: f"{sites[thing['id']]}/{thing.get('vid')}"
        if sites[thing["id"]]
        else str(thing.get("vid"))
        for thing in found.of("ipam/vlans")
    }


def _vlan_sites(found: Found) -> dict[int, str | None]:
    groups = found.by_id("ipam/vlan-groups")
    sites = {}
    for thing in found.of("ipam/vlans"):
        group = groups.get(identity(thing, "group"))
        sites[thing["id"]] = site_of(thing) or (site_of(group) if group else None)
    return sites


def _addresses(found: Found, mapping: Mapping, draft: Draft) -> None:
    wanted = {
        text(thing, "name")
        for thing in found.of("dcim/devices")
        if not mapping.leaves_out(role_of(thing), text(thing, "platform", "slug"))
    }
    for thing in found.of("ipam/ip-addresses"):
        holder = nested(thing, "assigned_object") or nested(thing, "interface")
        device, machine = text(holder, "device", "name"), text(holder, "virtual_machine", "name")
        if device is not None and device not in wanted:
            continue
        draft.add(
            "addresses", place(thing, "ipam/ip-addresses"),
            address=text(thing, "address"), vrf=text(thing, "vrf", "name"),
            interface=_end(holder, device), virtual_machine=machine,
            status=choice(thing, "status"), role=choice(thing, "role"),
            dns_name=line(thing, "dns_name"), tenant=text(thing, "tenant", "slug"),
            description=line(thing, "description"),
        )  # fmt: skip


def _end(holder: Thing | None, device: str | None) -> str | None:
    return f"{device}:{text(holder, 'name')}" if device else None
