"""The inventory as correlation sees it: what needs what, and what people call each element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from alerts.graph import ElementInfo
from alerts.topology import InventoryView
from hatang.auth import Actor
from hatang.events import Event
from inventory import service as inventory
from inventory.rows import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.db import AnySession

ACTOR: Final = Actor.system("alerts")
CHANGED: Final = "inventory.changed"


class NetworkReader:
    """Reads the network when the inventory has changed, and answers from memory until then."""

    def __init__(self) -> None:
        self._version: int | None = None
        self._view: InventoryView | None = None

    def view(self, session: AnySession) -> InventoryView:
        """Return the network as `session` sees it."""
        version = session.scalar(select(func.max(Event.id)).where(Event.topic == CHANGED)) or 0
        if self._view is None or version != self._version:
            self._view = read(session)
            self._version = version
        return self._view


def read(session: AnySession) -> InventoryView:
    """Return the network as the database draws it now."""
    names = {info.element: info for info in _names(session)}
    return InventoryView(inventory.load_topology(session), names, _ends(session), _peers(session))


def _peers(session: AnySession) -> dict[str, str]:
    """Return the device behind each address of a device itself."""
    rows = inventory.list_devices(session, ACTOR, EVERYTHING).items
    return {row.primary_ip4: f"device:{row.device_key}" for row in rows if row.primary_ip4}


def _names(session: AnySession) -> Iterator[ElementInfo]:
    for device in inventory.list_devices(session, ACTOR, EVERYTHING).items:
        key = f"device:{device.device_key}"
        yield ElementInfo(key, "device", device.name, device.site, device.scope_id)
    for site in inventory.list_sites(session, ACTOR, EVERYTHING).items:
        people = site.people or 0
        yield ElementInfo(f"site:{site.slug}", "site", site.name, site.slug, site.scope_id, people)
    for service in inventory.list_services(session, ACTOR, EVERYTHING).items:
        key = f"service:{service.code}"
        yield ElementInfo(key, "service", service.name, scope_id=service.scope_id)
    for room in inventory.list_rooms(session, ACTOR, EVERYTHING).items:
        yield ElementInfo(f"room:{room.code}", "room", room.name, room.site, room.scope_id)
    for link in inventory.list_links(session, ACTOR, EVERYTHING).items:
        ends = f"{link.a_device} – {link.z_device}"
        name = f"{link.circuit} ({ends})" if link.circuit else ends
        yield ElementInfo(f"link:{link.id}", "link", name, scope_id=link.scope_id)


def _ends(session: AnySession) -> dict[str, str]:
    """Return which link each interface is an end of."""
    keys = {
        device.id: device.device_key
        for device in inventory.list_devices(session, ACTOR, EVERYTHING).items
    }
    ends: dict[str, str] = {}
    for link in inventory.list_links(session, ACTOR, EVERYTHING).items:
        for device_id, port in (
            (link.a_device_id, link.a_interface),
            (link.z_device_id, link.z_interface),
        ):
            if device_id in keys:
                ends[f"interface:{keys[device_id]}:{port}"] = f"link:{link.id}"
    return ends
