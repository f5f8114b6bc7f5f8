"""What the inventory calls what a device tells of itself: its type, its release, its site.

The same thing told otherwise is no difference: a part number for a model, a release without the
product's name, a place with the room before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import select

from inventory import platforms
from inventory.models import Device, DeviceType, Manufacturer, Site, Software
from inventory.text import fold

if TYPE_CHECKING:
    from collections.abc import Collection

    from hatang.db import AnySession
    from inventory.discovery.facts import Facts

# Lengths of a device type's model and of a release in the inventory.
_MODEL, _VERSION = 100, 64
_PARTS: Final = re.compile(r"[,;|/]")
_NOT_WORD: Final = re.compile(r"[^a-z0-9]")


class Held(NamedTuple):
    """What is intended of a device, and what else its type is called."""

    manufacturer: str | None = None
    model: str | None = None
    part_number: str | None = None
    slug: str | None = None
    software: str | None = None
    version: str | None = None


_NOTHING: Final = Held()


@dataclass(frozen=True, slots=True)
class Standing:
    """What is intended of devices by id, and the sites by what people call them."""

    devices: dict[int, Held] = field(default_factory=dict)
    sites: dict[str, str] = field(default_factory=dict)

    def device_type(self, facts: Facts, device_id: int | None) -> str | None:
        """Return the type `MANUFACTURER/MODEL` that a device tells, None where it does not."""
        held = self.devices.get(device_id or 0, _NOTHING)
        names = (held.model, held.part_number, held.slug)
        if not facts.model:
            return None
        if _bare(facts.model) in {_bare(name) for name in names if name}:
            return f"{held.manufacturer}/{held.model}"
        made_by = maker(facts)
        return f"{made_by}/{facts.model[:_MODEL]}" if made_by else None

    def software(self, facts: Facts, device_id: int | None) -> str | None:
        """Return the release `NAME/VERSION` that a device tells, called as the one intended."""
        held = self.devices.get(device_id or 0, _NOTHING)
        name = held.software
        if name is None and facts.platform is not None:
            name = platforms.get(facts.platform).title.replace("/", " ")
        return f"{name}/{facts.version[:_VERSION]}" if name and facts.version else None

    def site(self, facts: Facts) -> str | None:
        """Return the site whose name or slug stands between the commas of a device's location."""
        named = {self.sites.get(fold(one).strip()) for one in _PARTS.split(facts.location)}
        named.add(self.sites.get(fold(facts.location).strip()))
        found = named - {None}
        return found.pop() if len(found) == 1 else None


def maker(facts: Facts) -> str | None:
    """Return who made a device: its platform's maker, which is one word, else what it says."""
    known = platforms.get(facts.platform).manufacturer if facts.platform else None
    told = known or facts.manufacturer
    return told.replace("/", " ")[:_MODEL] if told else None


def load(session: AnySession, ids: Collection[int] = ()) -> Standing:
    """Return what is intended of the devices with these ids, and all sites; two statements."""
    statement = (
        select(
            Device.id, Manufacturer.name, DeviceType.model, DeviceType.part_number,
            DeviceType.slug, Software.name, Software.version,
        )
        .outerjoin(DeviceType, DeviceType.id == Device.device_type_id)
        .outerjoin(Manufacturer, Manufacturer.id == DeviceType.manufacturer_id)
        .outerjoin(Software, Software.id == Device.software_id)
        .where(Device.id.in_(ids))
    )  # fmt: skip
    devices = {device_id: Held(*held) for device_id, *held in session.execute(statement)}
    sites: dict[str, str] = {}
    for slug, name in session.execute(select(Site.slug, Site.name)):
        sites |= {fold(slug): slug, fold(name): slug}
    return Standing(devices, sites)


def _bare(text: str) -> str:
    return _NOT_WORD.sub("", fold(text))
