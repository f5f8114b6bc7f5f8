"""From what people call things to the elements that are watched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import Select, or_, select

from inventory.models import Circuit, Device, Link, Site
from monitors.models import ElementRow

if TYPE_CHECKING:
    from hatang.db import AnySession

Scopes = dict[str, int | None]
_PARTS: Final = 3


def meant(session: AnySession, name: str) -> Scopes:
    """Return the elements that `name` means, each with its scope; none when it means nothing.

    A name is an element (`kind:key`) whose device may be given by name, a bare device name,
    `site:SLUG` for every device there, or `circuit:CID` for the links it carries.
    """
    kind, colon, key = name.partition(":")
    if not colon:
        return _devices(session, _called(name))
    if kind == "device":
        return _devices(session, _called(key)) or _watched(session, name)
    if kind == "site":
        at_site = Device.site_id == select(Site.id).where(Site.slug == key).scalar_subquery()
        return _devices(session, select(Device.device_key, Device.scope_id).where(at_site))
    if kind == "circuit":
        carried = select(Link.id, Link.scope_id).join(Circuit, Link.circuit_id == Circuit.id)
        return _links(session, carried.where(Circuit.cid == key))
    if kind == "link":
        number = int(key) if key.isascii() and key.isdigit() else 0
        return _links(session, select(Link.id, Link.scope_id).where(Link.id == number))
    return _watched(session, _with_key(session, name))


def _called(name: str) -> Select[str, int]:
    is_it = or_(Device.name == name, Device.device_key == name)
    return select(Device.device_key, Device.scope_id).where(is_it)


def _devices(session: AnySession, found: Select[str, int]) -> Scopes:
    return {f"device:{key}": scope for key, scope in session.execute(found)}


def _links(session: AnySession, found: Select[int, int]) -> Scopes:
    return {f"link:{number}": scope for number, scope in session.execute(found)}


def _watched(session: AnySession, element: str) -> Scopes:
    rows = select(ElementRow.element, ElementRow.scope_id).where(ElementRow.element == element)
    return dict(session.execute(rows).all())


def _with_key(session: AnySession, name: str) -> str:
    """Return the element with the key of its device where `name` has the device's name."""
    parts = name.split(":", _PARTS - 1)
    if len(parts) != _PARTS:
        return name
    key = session.scalar(select(Device.device_key).where(Device.name == parts[1]))
    return f"{parts[0]}:{key}:{parts[2]}" if key else name
