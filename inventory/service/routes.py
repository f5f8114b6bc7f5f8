"""The way from a site to the data centre: over which devices and circuits, how wide, how safe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import aliased

from hatang import scope
from inventory.choices import ElementKind
from inventory.models import Circuit, Device, Interface, Link, Provider, Site
from inventory.network import Element
from inventory.service.reading import READ, get_site

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.topology import Topology

_a_port, _z_port = aliased(Interface), aliased(Interface)
_a_end = aliased(Device)


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A device on the way; one beyond the asker's scope has its site's name only."""

    device_key: str
    site: str
    site_name: str
    role: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Leg:
    """The link from one waypoint to the next; without a circuit it is a cable of our own.

    `rate_kbps` is what the carrier committed; None means that nobody wrote it down. An assumed leg
    was drawn by nobody: a device without a cable is taken to hang on its site's router. Of a hidden
    one, beyond the asker's scope, nothing else is told.
    """

    link: str
    out_interface: str
    in_interface: str
    circuit: str | None
    provider: str | None
    hotline: str | None
    rate_kbps: int | None
    is_assumed: bool = False
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """A way from `waypoints[0]` at the site to the data centre; `legs[i]` leads away from `[i]`.

    `narrowest_kbps` is the least committed rate of its circuits, None when one of them is unknown
    or there is none. `has_spare` tells whether another way shares no link and no circuit with it;
    `single_points` are the device keys, link ids and circuit ids that alone cut the site off, as
    far as the asker sees them.
    """

    site: str
    waypoints: tuple[Waypoint, ...]
    legs: tuple[Leg, ...]
    narrowest_kbps: int | None
    has_spare: bool
    single_points: tuple[Element, ...]


def site_route(session: AnySession, actor: Actor, topology: Topology, slug: str) -> Route | None:
    """Return the way with the fewest links from the site to the data centre.

    None when no drawn way leads there, or nothing stands at the site.

    Raises:
        NotFoundError: there is no such site, or it lies outside the actor's scope.
    """
    site = get_site(session, actor, slug)
    ways = [way for key in topology.devices_at(site.slug) if (way := topology.path(key))]
    if not ways:
        return None
    way = min(ways, key=len)
    legs = tuple(_legs(session, way))
    points = tuple(_waypoints(session, actor, way[::2]))
    used = [*way[1::2], *(Element(ElementKind.CIRCUIT, leg.circuit) for leg in legs if leg.circuit)]
    told = tuple(_told(session, actor, legs))
    seen = {
        *(point.device_key for point in points if point.name is not None),
        *(key for leg in told for key in (leg.link, leg.circuit)),
    }
    return Route(
        site=site.slug,
        waypoints=points,
        legs=told,
        narrowest_kbps=_narrowest(legs),
        has_spare=bool(legs) and bool(topology.path(way[0].key, without=used)),
        single_points=tuple(one for one in topology.upstream(way[0].key) if one.key in seen),
    )


def _narrowest(legs: Iterable[Leg]) -> int | None:
    rates = [leg.rate_kbps for leg in legs if leg.circuit]
    known = [rate for rate in rates if rate is not None]
    return min(known) if known and len(known) == len(rates) else None


def _told(session: AnySession, actor: Actor, legs: tuple[Leg, ...]) -> Iterable[Leg]:
    """Yield the legs with those hidden that lie beyond the actor's reach."""
    drawn = [int(leg.link) for leg in legs if not leg.is_assumed]
    visible = scope.visible(actor.acting(READ), Link.scope_id)
    seen = set(session.scalars(select(Link.id).where(Link.id.in_(drawn), visible)))
    for leg in legs:
        hidden = not leg.is_assumed and int(leg.link) not in seen
        yield Leg("", "", "", None, None, None, None, is_hidden=True) if hidden else leg


def _waypoints(
    session: AnySession, actor: Actor, devices: tuple[Element, ...]
) -> Iterable[Waypoint]:
    keys = [device.key for device in devices]
    visible = scope.visible(actor.acting(READ), Device.scope_id)
    statement = (
        select(Device.device_key, Site.slug, Site.name, Device.role, Device.name, visible)
        .join(Site, Device.site_id == Site.id)
        .where(Device.device_key.in_(keys))
    )
    found = {
        key: Waypoint(key, site, site_name, role, name if may_see else None)
        for key, site, site_name, role, name, may_see in session.execute(statement)
    }
    return (found[key] for key in keys)


def _legs(session: AnySession, way: tuple[Element, ...]) -> Iterable[Leg]:
    """Return the links of `way`, whose devices and links take turns, with what carries them."""
    drawn = [int(link.key) for link in way[1::2] if link.key.isdecimal()]
    statement = (
        select(
            Link.id,
            _a_end.device_key,
            _a_port.name,
            _z_port.name,
            Circuit.cid,
            Provider.name,
            Provider.hotline,
            Circuit.commit_rate_kbps,
        )
        .join(_a_port, Link.a_interface_id == _a_port.id)
        .join(_a_end, _a_port.device_id == _a_end.id)
        .join(_z_port, Link.z_interface_id == _z_port.id)
        .outerjoin(Circuit, Link.circuit_id == Circuit.id)
        .outerjoin(Provider, Circuit.provider_id == Provider.id)
        .where(Link.id.in_(drawn))
    )
    found = {str(row[0]): row for row in session.execute(statement)}
    for device, link in zip(way[::2], way[1::2], strict=False):
        if link.key not in found:
            yield Leg(link.key, "", "", None, None, None, None, is_assumed=True)
            continue
        _, a_key, a_port, z_port, circuit, provider, hotline, rate = found[link.key]
        ports = (a_port, z_port) if a_key == device.key else (z_port, a_port)
        yield Leg(link.key, *ports, circuit, provider, hotline, rate)
