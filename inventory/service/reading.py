"""Lists and single elements, as an actor may see them."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from hatang import scope
from hatang.auth import Permission
from hatang.errors import NotFoundError
from inventory import elements, listings, repository
from inventory.choices import ElementKind
from inventory.models import Bridge, Device, ServiceEndpoint, Site, Software
from inventory.rows import FIRST_PAGE, ElementRow, EndpointRow, Page, Query, Row

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.rows import (
        BridgeRow,
        CircuitRow,
        DeviceRow,
        InterfaceRow,
        LinkRow,
        RegistrarRow,
        RoomRow,
        ServiceRow,
        SiteRow,
        UnitRow,
    )

READ: Final = Permission("inventory:read")


def list_units(session: AnySession, actor: Actor, query: Query = FIRST_PAGE) -> Page[UnitRow]:
    """Return units; filters: code, name, kind, parent (its code)."""
    return _list(session, actor, listings.UNITS, query)


def list_sites(session: AnySession, actor: Actor, query: Query = FIRST_PAGE) -> Page[SiteRow]:
    """Return sites; filters: slug, name, unit (its code), kind, status."""
    return _list(session, actor, listings.SITES, query)


def list_devices(session: AnySession, actor: Actor, query: Query = FIRST_PAGE) -> Page[DeviceRow]:
    """Return devices; filters: name, device_key, site, unit, role, platform, status, and more."""
    return _list(session, actor, listings.DEVICES, query)


def list_interfaces(
    session: AnySession, actor: Actor, query: Query = FIRST_PAGE
) -> Page[InterfaceRow]:
    """Return interfaces; filters: device (its name), name, description."""
    return _list(session, actor, listings.INTERFACES, query)


def list_links(session: AnySession, actor: Actor, query: Query = FIRST_PAGE) -> Page[LinkRow]:
    """Return cables; filters: a_device, z_device, circuit."""
    return _list(session, actor, listings.LINKS, query)


def list_circuits(session: AnySession, actor: Actor, query: Query = FIRST_PAGE) -> Page[CircuitRow]:
    """Return circuits; filters: cid, provider, a_site, z_site, status."""
    return _list(session, actor, listings.CIRCUITS, query)


def list_services(session: AnySession, actor: Actor, query: Query = FIRST_PAGE) -> Page[ServiceRow]:
    """Return services with what they run on and depend on; filters: code, name, kind, unit."""
    page = _list(session, actor, listings.SERVICES, query)
    ids = [row.id for row in page.items]
    reach = actor.acting(READ)
    runs_on, depends_on, machines = (
        elements.members(session, reach, ElementKind.SERVICE, name, ids)
        for name in ("runs_on", "depends_on", "virtual_machines")
    )
    items = tuple(
        replace(
            row,
            runs_on=runs_on.get(row.id, ()),
            depends_on=depends_on.get(row.id, ()),
            virtual_machines=machines.get(row.id, ()),
        )
        for row in page.items
    )
    return replace(page, items=items)


def endpoints_of(
    session: AnySession, actor: Actor, services: Iterable[ServiceRow]
) -> dict[str, tuple[EndpointRow, ...]]:
    """Return where these services answer, by their code and in the order of the doors' names."""
    codes = {row.id: row.code for row in services}
    owner = ServiceEndpoint.service_id
    columns = (getattr(ServiceEndpoint, one.name) for one in fields(EndpointRow))
    visible = scope.visible(actor.acting(READ), ServiceEndpoint.scope_id)
    statement = select(owner, *columns).where(visible, owner.in_(codes))
    found: dict[str, tuple[EndpointRow, ...]] = {}
    for service_id, *values in session.execute(statement.order_by(ServiceEndpoint.name)):
        code = codes[service_id]
        found[code] = (*found.get(code, ()), EndpointRow(*values))
    return found


def list_rooms(session: AnySession, actor: Actor, query: Query = FIRST_PAGE) -> Page[RoomRow]:
    """Return meeting rooms; filters: code, name, site (its slug)."""
    return _list(session, actor, listings.ROOMS, query)


def list_bridges(session: AnySession, actor: Actor, query: Query = FIRST_PAGE) -> Page[BridgeRow]:
    """Return conference bridges; filters: code, name, driver, device."""
    return _list(session, actor, listings.BRIDGES, query)


def list_registrars(
    session: AnySession, actor: Actor, query: Query = FIRST_PAGE
) -> Page[RegistrarRow]:
    """Return SIP registrars; filters: code, domain, device."""
    return _list(session, actor, listings.REGISTRARS, query)


def list_elements(
    session: AnySession, actor: Actor, kind: ElementKind, query: Query = FIRST_PAGE
) -> Page[ElementRow]:
    """Return elements of any kind; filters: each of the kind's fields that one column holds."""
    return elements.fetch(session, actor.acting(READ), kind, query)


def search_elements(
    session: AnySession, actor: Actor, kinds: Iterable[ElementKind], query: Query
) -> dict[ElementKind, Page[ElementRow]]:
    """Return those of these kinds that have what `query` searches for, each with its page."""
    return elements.fetch_each(session, actor.acting(READ), kinds, query)


def list_holding(
    session: AnySession, actor: Actor, kind: ElementKind, name: str, element_id: int
) -> tuple[ElementRow, ...]:
    """Return the elements whose list `name` names the one with this id: a site's contacts, …."""
    return elements.fetch_holding(session, actor.acting(READ), kind, name, element_id)


def get_element(session: AnySession, actor: Actor, kind: ElementKind, key: str) -> ElementRow:
    """Return one element of any kind by its natural key; raises NotFoundError as `get_device`."""
    row = elements.fetch_one(session, actor.acting(READ), kind, key)
    if row is None:
        raise NotFoundError(f"the inventory has no such element: {kind} {key}")
    return row


def get_device(session: AnySession, actor: Actor, name_or_id: str | int) -> DeviceRow:
    """Return one device by name, by `device_key`, or by id (an int).

    Raises:
        NotFoundError: there is none, or it lies outside the actor's scope.
    """
    if isinstance(name_or_id, int):
        condition = Device.id == name_or_id
    else:
        condition = (Device.name == name_or_id) | (Device.device_key == name_or_id)
    return _get(session, actor, listings.DEVICES, condition, name_or_id)


def get_support_end(session: AnySession, actor: Actor, name_or_id: str | int) -> date | None:
    """Return the day until which the vendor supports what a device runs; None where unknown.

    Raises:
        NotFoundError: there is no such device, or it lies outside the actor's scope.
    """
    device = get_device(session, actor, name_or_id)
    statement = (
        select(Software.end_of_support)
        .join(Device, Device.software_id == Software.id)
        .where(Device.id == device.id)
    )
    return session.scalars(statement).first()


def find_devices(session: AnySession, actor: Actor, names: Collection[str]) -> dict[str, DeviceRow]:
    """Return the devices with these names, or keys, that the actor sees, by what was asked for.

    One statement however many they are, and one more when any has no such name.
    """
    reach, asked = actor.acting(READ), sorted(set(names))
    rows = _find(session, reach, Device.name, asked)
    found = {row.name: row for row in rows}
    others = [each for each in asked if each not in found]
    rows = _find(session, reach, Device.device_key, others)
    return found | {row.device_key: row for row in rows}


def _find(
    session: AnySession, reach: Actor, column: InstrumentedAttribute[str], values: list[str]
) -> list[DeviceRow]:
    if not values:
        return []
    return repository.fetch_some(session, reach, listings.DEVICES, column.in_(values))


def device_sites(session: AnySession, actor: Actor) -> list[tuple[str, str, str]]:
    """Return each device's `device_key` with its site's slug and name, as far as `actor` sees it.

    Of ten thousand devices this is a tenth of the work that whole rows are.
    """
    columns = select(Device.device_key, Site.slug, Site.name).join(Site, Device.site_id == Site.id)
    visible = scope.visible(actor.acting(READ), Device.scope_id)
    return [(key, slug, name) for key, slug, name in session.execute(columns.where(visible))]


def get_site(session: AnySession, actor: Actor, slug: str) -> SiteRow:
    """Return one site by slug; raises NotFoundError as `get_device` does."""
    return _get(session, actor, listings.SITES, Site.slug == slug, slug)


def get_bridge(session: AnySession, actor: Actor, code: str) -> BridgeRow:
    """Return one bridge by code; raises NotFoundError as `get_device` does."""
    return _get(session, actor, listings.BRIDGES, Bridge.code == code, code)


def _list(
    session: AnySession, actor: Actor, listing: repository.Listing[Row], query: Query
) -> Page[Row]:
    return repository.fetch(session, actor.acting(READ), listing, query)


def _get(
    session: AnySession,
    actor: Actor,
    listing: repository.Listing[Row],
    condition: ColumnElement[bool],
    asked: str | int,
) -> Row:
    row = repository.fetch_one(session, actor.acting(READ), listing, condition)
    if row is None:
        raise NotFoundError(f"the inventory has no such element: {asked}")
    return row
