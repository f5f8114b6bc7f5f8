"""Manufacturers, types, devices with their modules and interfaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inventory.choices import InterfaceMode
from inventory.sources.netbox.addressing import vlan_keys
from inventory.sources.netbox.shapes import (
    bare,
    choice,
    identity,
    line,
    nested,
    number,
    place,
    role_of,
    several,
    text,
    whole,
)

if TYPE_CHECKING:
    from inventory.sources.document import Draft
    from inventory.sources.mapping import Mapping
    from inventory.sources.netbox.client import Found, Thing


def translate(found: Found, mapping: Mapping, draft: Draft) -> None:
    """Add their rows; devices that are not wanted, or without name, take along what they hold."""
    for thing in found.of("dcim/manufacturers"):
        draft.add(
            "manufacturers", place(thing, "dcim/manufacturers"),
            name=text(thing, "name"), description=line(thing, "description"),
        )  # fmt: skip
    _types(found, draft)
    _devices(found, mapping, draft)
    unwanted = left_out(found, mapping)
    for thing in found.of("dcim/modules"):
        if identity(thing, "device") not in unwanted:
            _module(thing, draft)
    _interfaces(found, unwanted, draft)


def left_out(found: Found, mapping: Mapping) -> set[int]:
    """Return the ids of devices that the mapping does not want, or that have no name to go by."""
    return {
        thing["id"]
        for thing in found.of("dcim/devices")
        if text(thing, "name") is None or is_unwanted(thing, mapping)
    }


def is_unwanted(thing: Thing, mapping: Mapping) -> bool:
    """Tell whether the mapping leaves a device out."""
    return mapping.leaves_out(role_of(thing), text(thing, "platform", "slug"))


def _types(found: Found, draft: Draft) -> None:
    for thing in found.of("dcim/device-types"):
        draft.add(
            "device_types", place(thing, "dcim/device-types"),
            manufacturer=text(thing, "manufacturer", "name"), model=text(thing, "model"),
            slug=text(thing, "slug"), part_number=text(thing, "part_number"),
            u_height=number(thing, "u_height"),
        )  # fmt: skip
    for thing in found.of("dcim/module-types"):
        draft.add(
            "module_types", place(thing, "dcim/module-types"),
            manufacturer=text(thing, "manufacturer", "name"), model=text(thing, "model"),
            part_number=text(thing, "part_number"),
        )  # fmt: skip


def _devices(found: Found, mapping: Mapping, draft: Draft) -> None:
    for thing in found.of("dcim/devices"):
        if is_unwanted(thing, mapping):
            draft.notes["devices are left out, as the mapping says of their role or platform"] += 1
            continue
        draft.add(
            "devices", place(thing, "dcim/devices"),
            name=text(thing, "name"), site=text(thing, "site", "slug"),
            role=mapping.role(role_of(thing)),
            platform=mapping.platform(text(thing, "platform", "slug")),
            manufacturer=text(thing, "device_type", "manufacturer", "name"),
            model=text(thing, "device_type", "model"),
            status=choice(thing, "status"), serial=text(thing, "serial"),
            primary_ip4=bare(thing, "primary_ip4"), primary_ip6=bare(thing, "primary_ip6"),
            oob_ip=bare(thing, "oob_ip"), location=text(thing, "location", "slug"),
            rack=text(thing, "rack", "name"), position=number(thing, "position"),
            face=choice(thing, "face"), tenant=text(thing, "tenant", "slug"),
            cluster=text(thing, "cluster", "name"), asset_tag=text(thing, "asset_tag"),
        )  # fmt: skip


def _module(thing: Thing, draft: Draft) -> None:
    draft.add(
        "modules", place(thing, "dcim/modules"),
        device=text(thing, "device", "name"), bay=text(thing, "module_bay", "name"),
        manufacturer=text(thing, "module_type", "manufacturer", "name"),
        model=text(thing, "module_type", "model"), serial=text(thing, "serial"),
        status=choice(thing, "status"), description=line(thing, "description"),
    )  # fmt: skip


def _interfaces(found: Found, unwanted: set[int], draft: Draft) -> None:
    vlans = vlan_keys(found)
    for thing in found.of("dcim/interfaces"):
        if identity(thing, "device") in unwanted:
            continue
        mode = choice(thing, "mode")
        if mode is not None and mode not in set(InterfaceMode):
            draft.notes[f"interfaces of mode {mode} come without their mode"] += 1
            mode = None
        tagged = several(thing, "tagged_vlans")
        draft.add(
            "interfaces", place(thing, "dcim/interfaces"),
            device=text(thing, "device", "name"), name=text(thing, "name"),
            description=line(thing, "description"), type=choice(thing, "type"),
            enabled=nested(thing, "enabled"), mgmt_only=nested(thing, "mgmt_only"),
            mtu=whole(thing, "mtu"), mac_address=text(thing, "mac_address"),
            speed_kbps=whole(thing, "speed"), mode=mode,
            untagged_vlan=vlans.get(identity(thing, "untagged_vlan")),
            tagged_vlans=[vlans[identity(one)] for one in tagged if identity(one) in vlans],
            lag=text(thing, "lag", "name"), parent=text(thing, "parent", "name"),
        )  # fmt: skip
