"""The topology as the database draws it now."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, tuple_
from sqlalchemy.orm import aliased

from inventory.choices import ROUTER_ROLES, DeviceRole, DeviceStatus
from inventory.models import (
    Circuit,
    Device,
    Interface,
    Link,
    Room,
    Site,
)
from inventory.network import DeviceNode, LinkEdge, Network, RoomNode, SiteNode
from inventory.service.legs import clusters, groups, machines, services
from inventory.topology import Topology

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from hatang.db import AnySession

# SQLite takes 999 parameters in the oldest versions we meet.
_FEW_ENDS: Final = 200


def load_topology(session: AnySession, roots: Collection[str] = ()) -> Topology:
    """Return the topology of all active devices, seen from the devices named `roots`.

    Without `roots` the vantage point is every device of role core. For processes: it is not
    filtered by scope, because the path to a commune runs through what its people may not see.
    """
    return Topology(load_network(session, roots))


def load_network(session: AnySession, roots: Collection[str] = ()) -> Network:
    """Return what `load_topology` is made of.

    Devices are keyed by `device_key`, links by id, sites by slug, circuits by cid, services and
    rooms by code. A device without a cable at a site with exactly one router is assumed to hang
    on that router; the link says so.
    """
    rows = session.execute(
        select(Device.device_key, Device.name, Device.role, Site.slug)
        .join(Site, Device.site_id == Site.id)
        .where(Device.status == DeviceStatus.ACTIVE.value)
        .order_by(Device.id)
    ).all()
    devices = tuple(
        DeviceNode(key, site, name in roots if roots else role == DeviceRole.CORE, name)
        for key, name, role, site in rows
    )
    links = _links(session, {device.key for device in devices})
    routers = {key for key, _, role, _ in rows if role in ROUTER_ROLES}
    return Network(
        devices=devices,
        links=(*links, *_assumed(devices, links, routers)),
        sites=tuple(SiteNode(*row) for row in session.execute(select(Site.slug, Site.people))),
        services=services(session),
        rooms=tuple(
            RoomNode(*row)
            for row in session.execute(
                select(Room.code, Site.slug).join(Site, Room.site_id == Site.id)
            )
        ),
        machines=machines(session),
        clusters=clusters(session),
        groups=groups(session),
    )


def links_at(session: AnySession, ends: Collection[tuple[str, str]]) -> set[str]:
    """Return the links that end at these interfaces, each `(device_key, name)`."""
    asked = set(ends)
    statement = (
        select(Link.id, Device.device_key, Interface.name)
        .join(Interface, Interface.id.in_((Link.a_interface_id, Link.z_interface_id)))
        .join(Device, Interface.device_id == Device.id)
    )
    if len(asked) <= _FEW_ENDS:  # of more, reading every cable's ends is the shorter way
        at = tuple_(Device.device_key, Interface.name).in_(sorted(asked))
        statement = statement.where(at)
    return {str(link) for link, key, name in session.execute(statement) if (key, name) in asked}


def _links(session: AnySession, active: set[str]) -> tuple[LinkEdge, ...]:
    a_port, z_port = aliased(Interface), aliased(Interface)
    a_end, z_end = aliased(Device), aliased(Device)
    statement = (
        select(Link.id, a_end.device_key, z_end.device_key, Circuit.cid)
        .join(a_port, Link.a_interface_id == a_port.id)
        .join(a_end, a_port.device_id == a_end.id)
        .join(z_port, Link.z_interface_id == z_port.id)
        .join(z_end, z_port.device_id == z_end.id)
        .outerjoin(Circuit, Link.circuit_id == Circuit.id)
        .order_by(Link.id)
    )
    return tuple(
        LinkEdge(str(link_id), a, z, circuit)
        for link_id, a, z, circuit in session.execute(statement)
        if a in active and z in active
    )


def _assumed(
    devices: Iterable[DeviceNode], links: Iterable[LinkEdge], routers: set[str]
) -> list[LinkEdge]:
    cabled = {end for link in links for end in (link.a, link.z)}
    by_site: dict[str, list[str]] = defaultdict(list)
    for device in devices:
        if device.key in routers:
            by_site[device.site].append(device.key)
    return [
        LinkEdge(f"assumed:{device.key}", by_site[device.site][0], device.key, is_assumed=True)
        for device in devices
        if device.key not in cabled and device.key not in routers and len(by_site[device.site]) == 1
    ]
