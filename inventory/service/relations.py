"""What hides a device, and who loses what when an element fails, as far as the asker sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from hatang import scope
from hatang.errors import NotFoundError
from inventory import listings
from inventory.choices import ElementKind
from inventory.kinds.registry import KINDS
from inventory.models import Circuit, Device, Link, Room, Service, Site
from inventory.network import Element
from inventory.service.reading import READ, get_device, get_element

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.topology import Topology

# Up to so many keys are asked for by name; of more, all in sight are read.
_NAMED: Final = 500
_COLUMNS: Final[dict[ElementKind, tuple[Any, Any]]] = {
    ElementKind.DEVICE: (Device.device_key, Device.name),
    ElementKind.CIRCUIT: (Circuit.cid, Circuit.cid),
    ElementKind.SITE: (Site.slug, Site.name),
    ElementKind.SERVICE: (Service.code, Service.name),
    ElementKind.ROOM: (Room.code, Room.name),
}


@dataclass(frozen=True, slots=True)
class Named:
    """An element by its natural key, and what people call it."""

    kind: ElementKind
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Upstream:
    """What hides a device when failing alone, from the data centre outwards.

    `hidden` counts what lies beyond the asker's scope. Of a device that is not placed, because no
    drawn way leads to it, nothing is known.
    """

    device: str
    is_placed: bool
    elements: tuple[Named, ...]
    hidden: int


@dataclass(frozen=True, slots=True)
class Group:
    """Elements of one kind, the first few by name, and how many there are in all."""

    total: int = 0
    items: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Affected:
    """Who loses what when an element fails alone, of what the asker sees.

    `degraded` services lose a part of what they stand on. `people` is None when no cut-off site
    knows its number.
    """

    element: Named
    devices: Group
    sites: Group
    services: Group
    degraded: Group
    rooms: Group
    people: int | None


def named(session: AnySession, actor: Actor, found: Collection[Element]) -> tuple[Named, ...]:
    """Return elements of the topology as people call them, in their order, as far as seen."""
    names = {
        kind: _names(session, actor, kind, [one.key for one in found if one.kind is kind])
        for kind in {one.kind for one in found}
    }
    return tuple(
        Named(kind, *_spelt(kind, key, names[kind][key]))
        for kind, key in found
        if key in names[kind]
    )


def upstream(session: AnySession, actor: Actor, topology: Topology, device: str) -> Upstream:
    """Return what hides a device, by name or key, when failing alone.

    Raises:
        NotFoundError: there is no such device in operation, or it lies outside the actor's scope.
    """
    row = get_device(session, actor, device)
    above = [one for one in topology.upstream(row.device_key) if not _is_assumed(one)]
    told = named(session, actor, above)
    is_placed = topology.is_placed(row.device_key)
    return Upstream(row.name, is_placed, told, len(above) - len(told))


def affected(
    session: AnySession, actor: Actor, topology: Topology, element: Element, limit: int = 100
) -> Affected:
    """Return who loses what when a device, link, circuit, site or service fails alone.

    A device is named or given by its key, a link by its id or as `device:port -- device:port`.

    Raises:
        NotFoundError: there is no such element in operation, or it lies outside the actor's scope.
    """
    found, asked = _find(session, actor, element)
    impact = topology.affected(asked)

    def group(kind: ElementKind, keys: Collection[str]) -> Group:
        names = _names(session, actor, kind, keys)
        rows = sorted((Named(kind, *_spelt(kind, key, name)) for key, name in names.items()),
                      key=lambda one: (one.name, one.key))  # fmt: skip
        return Group(len(rows), tuple(rows[:limit]))

    return Affected(
        element=found,
        devices=group(ElementKind.DEVICE, impact.devices),
        sites=group(ElementKind.SITE, impact.sites),
        services=group(ElementKind.SERVICE, impact.services),
        degraded=group(ElementKind.SERVICE, impact.degraded),
        rooms=group(ElementKind.ROOM, impact.rooms),
        people=_people(session, actor, impact.sites),
    )


def _find(session: AnySession, actor: Actor, element: Element) -> tuple[Named, Element]:
    """Return an element as people name it, and as the topology does."""
    kind, key = element
    if kind is ElementKind.DEVICE:
        device = get_device(session, actor, key)
        return Named(kind, device.name, device.name), Element(kind, device.device_key)
    if kind is ElementKind.LINK and key.isdecimal():
        names = _links(session, actor, [key])
        if key not in names:
            raise NotFoundError(f"the inventory has no such element: link {key}")
        return Named(kind, names[key], names[key]), Element(kind, key)
    row = get_element(session, actor, kind, key)
    asked = str(row.id) if kind is ElementKind.LINK else row.key
    return Named(kind, row.key, str(row.fields.get("name") or row.key)), Element(kind, asked)


def _is_assumed(element: Element) -> bool:
    return element.kind is ElementKind.LINK and not element.key.isdecimal()


def _spelt(kind: ElementKind, key: str, name: str) -> tuple[str, str]:
    """Return an element's natural key and its name: devices and links are called by their own."""
    return (name, name) if kind in {ElementKind.DEVICE, ElementKind.LINK} else (key, name)


def _names(
    session: AnySession, actor: Actor, kind: ElementKind, keys: Collection[str]
) -> dict[str, str]:
    """Return by key what the elements in sight are called."""
    if not keys:
        return {}
    if kind is ElementKind.LINK:
        return _links(session, actor, keys)
    key, name = _COLUMNS[kind]
    visible = scope.visible(actor.acting(READ), key.class_.scope_id)
    statement = select(key, name).where(visible)
    if len(keys) <= _NAMED:
        statement = statement.where(key.in_(keys))
    wanted = set(keys)
    return {one: called for one, called in session.execute(statement) if one in wanted}


def _links(session: AnySession, actor: Actor, keys: Iterable[str]) -> dict[str, str]:
    drawn = [int(key) for key in keys if key.isdecimal()]
    visible = scope.visible(actor.acting(READ), Link.scope_id)
    statement = listings.LINKS.statement.where(visible, Link.id.in_(drawn))
    rows = [listings.LINKS.row(*found) for found in session.execute(statement)]
    return {
        str(row.id): KINDS[ElementKind.LINK].key_of(
            {
                "a": f"{row.a_device}:{row.a_interface}",
                "b": f"{row.z_device}:{row.z_interface}",
            }
        )
        for row in rows
    }


def _people(session: AnySession, actor: Actor, sites: Collection[str]) -> int | None:
    visible = scope.visible(actor.acting(READ), Site.scope_id)
    rows = session.execute(select(Site.slug, Site.people).where(visible))
    known = [people for slug, people in rows if slug in sites and people is not None]
    return sum(known) if known else None
