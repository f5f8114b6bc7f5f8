"""Sites, locations, racks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inventory.sources.netbox.shapes import choice, line, number, place, text, whole

if TYPE_CHECKING:
    from inventory.sources.document import Draft
    from inventory.sources.mapping import Mapping
    from inventory.sources.netbox.client import Found


def translate(found: Found, mapping: Mapping, draft: Draft) -> None:
    """Add their rows."""
    for thing in found.of("dcim/sites"):
        words = [text(thing, "slug")]
        words += [text(thing, name, "slug") for name in ("group", "region", "tenant")]
        draft.add(
            "sites", place(thing, "dcim/sites"),
            slug=words[0], name=text(thing, "name"),
            unit=mapping.unit(*words), kind=mapping.site_kind(*words),
            status=choice(thing, "status"), address=line(thing, "physical_address"),
            latitude=number(thing, "latitude"), longitude=number(thing, "longitude"),
            tenant=words[3], phone=line(thing, "contact_phone"),
        )  # fmt: skip
    for thing in found.of("dcim/locations"):
        draft.add(
            "locations", place(thing, "dcim/locations"),
            site=text(thing, "site", "slug"), slug=text(thing, "slug"), name=text(thing, "name"),
            parent=text(thing, "parent", "slug"), description=line(thing, "description"),
        )  # fmt: skip
    for thing in found.of("dcim/racks"):
        draft.add(
            "racks", place(thing, "dcim/racks"),
            site=text(thing, "site", "slug"), name=text(thing, "name"),
            location=text(thing, "location", "slug"), status=choice(thing, "status"),
            u_height=whole(thing, "u_height"), serial=text(thing, "serial"),
            asset_tag=text(thing, "asset_tag"), description=line(thing, "description"),
        )  # fmt: skip
