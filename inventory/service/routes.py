"""Ways between devices and from a site to the data centre: over what, how wide, how safe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from hatang import scope
from inventory.choices import ElementKind
from inventory.models import Circuit, Device, Interface, Link, Provider, Site
from inventory.network import Element
from inventory.service.reading import READ, get_device, get_site
from inventory.service.relations import named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.service.relations import Named
    from inventory.topology import Topology

_a_port, _z_port = aliased(Interface), aliased(Interface)
_a_end = aliased(Device)
_a_site, _z_site = aliased(Site), aliased(Site)


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

    `forth_kbps` is what the carrier committed in the direction of the way, `back_kbps` against it;
    None means that nobody wrote it down. An assumed leg was drawn by nobody: a device without a
    cable is taken to hang on its site's router. Of a hidden one, beyond the asker's scope, nothing
    else is told.
    """

    link: str
    out_interface: str = ""
    in_interface: str = ""
    circuit: str | None = None
    provider: str | None = None
    hotline: str | None = None
    forth_kbps: int | None = None
    back_kbps: int | None = None
    is_assumed: bool = False
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """A way from `waypoints[0]` to the last; `legs[i]` leads away from `waypoints[i]`.

    `narrowest_forth_kbps` is the least committed rate of its circuits in the way's direction,
    `narrowest_back_kbps` against it; None when one of them is unknown or there is no circuit.
    """

    waypoints: tuple[Waypoint, ...]
    legs: tuple[Leg, ...]
    narrowest_forth_kbps: int | None
    narrowest_back_kbps: int | None


@dataclass(frozen=True, slots=True)
class Route(Way):
    """A site's way to the data centre.

    `has_spare` tells whether another way shares no link and no circuit with it; `single_points`
    are the devices, links and circuits that alone cut the site off, as far as the asker sees them.
    """

    site: str
    has_spare: bool
    single_points: tuple[Named, ...]


def site_route(session: AnySession, actor: Actor, topology: Topology, slug: str) -> Route | None:
    """Return the way with the fewest links from the site to the data centre.

    None when no drawn way leads there, or nothing stands at the site.

    Raises:
        NotFoundError: there is no such site, or it lies outside the actor's scope.
    """
    site = get_site(session, actor, slug)
    ways = [found for key in topology.devices_at(site.slug) if (found := topology.path(key))]
    if not ways:
        return None
    passed = min(ways, key=len)
    way, circuits = _way(session, actor, passed)
    used = [*passed[1::2], *(Element(ElementKind.CIRCUIT, cid) for cid in circuits)]
    start = passed[0].key
    return Route(
        waypoints=way.waypoints,
        legs=way.legs,
        narrowest_forth_kbps=way.narrowest_forth_kbps,
        narrowest_back_kbps=way.narrowest_back_kbps,
        site=site.slug,
        has_spare=bool(way.legs) and bool(topology.path(start, without=used)),
        single_points=named(session, actor, topology.upstream(start)),
    )


def way_between(
    session: AnySession, actor: Actor, topology: Topology, start: str, goal: str = ""
) -> Way | None:
    """Return the way with the fewest links between two devices; without `goal` to the nearest root.

    Devices are named or given by their key. None when no drawn way leads there.

    Raises:
        NotFoundError: there is no such device in operation, or it lies outside the actor's scope.
    """
    near = get_device(session, actor, start)
    far = get_device(session, actor, goal) if goal else None
    passed = topology.path(near.device_key, None if far is None else far.device_key)
    return _way(session, actor, passed)[0] if passed else None


def _way(
    session: AnySession, actor: Actor, passed: tuple[Element, ...]
) -> tuple[Way, tuple[str, ...]]:
    """Return the way over devices and links in turn, and every circuit on it, hidden or not."""
    points = tuple(_waypoints(session, actor, passed[::2]))
    legs = tuple(_legs(session, passed, points))
    narrowest = (
        _narrowest(getattr(leg, name) for leg in legs if leg.circuit)
        for name in ("forth_kbps", "back_kbps")
    )
    way = Way(points, tuple(_told(session, actor, legs)), *narrowest)
    return way, tuple(leg.circuit for leg in legs if leg.circuit)


def _narrowest(rates: Iterable[int | None]) -> int | None:
    found = list(rates)
    known = [rate for rate in found if rate is not None]
    return min(known) if known and len(known) == len(found) else None


def _told(session: AnySession, actor: Actor, legs: tuple[Leg, ...]) -> Iterable[Leg]:
    """Yield the legs with those hidden that lie beyond the actor's reach."""
    drawn = [int(leg.link) for leg in legs if not leg.is_assumed]
    visible = scope.visible(actor.acting(READ), Link.scope_id)
    seen = set(session.scalars(select(Link.id).where(Link.id.in_(drawn), visible)))
    for leg in legs:
        hidden = not leg.is_assumed and int(leg.link) not in seen
        yield Leg("", is_hidden=True) if hidden else leg


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


def _legs(
    session: AnySession, way: tuple[Element, ...], points: tuple[Waypoint, ...]
) -> Iterable[Leg]:
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
            func.coalesce(func.nullif(Circuit.hotline, ""), Provider.hotline),
            Circuit.commit_rate_kbps,
            Circuit.upstream_rate_kbps,
            _a_site.slug,
            _z_site.slug,
        )
        .join(_a_port, Link.a_interface_id == _a_port.id)
        .join(_a_end, _a_port.device_id == _a_end.id)
        .join(_z_port, Link.z_interface_id == _z_port.id)
        .outerjoin(Circuit, Link.circuit_id == Circuit.id)
        .outerjoin(Provider, Circuit.provider_id == Provider.id)
        .outerjoin(_a_site, Circuit.a_site_id == _a_site.id)
        .outerjoin(_z_site, Circuit.z_site_id == _z_site.id)
        .where(Link.id.in_(drawn))
    )
    found = {str(row[0]): row for row in session.execute(statement)}
    for point, beyond, link in zip(points, points[1:], way[1::2], strict=False):
        if link.key not in found:
            yield Leg(link.key, is_assumed=True)
            continue
        _, a_key, *ports, cid, provider, hotline, to_z, to_a, a_site, z_site = found[link.key]
        out_port, in_port = ports if a_key == point.device_key else reversed(ports)
        rates = directed((to_z, to_a), (a_site, z_site), (point.site, beyond.site))
        yield Leg(link.key, out_port, in_port, cid, provider, hotline, *rates)


def directed(
    rates: tuple[int | None, int | None], ends: tuple[str, str], walked: tuple[str, str]
) -> tuple[int | None, int | None]:
    """Return a circuit's rate in the direction walked, and against it.

    `rates` are towards Z and towards A, the second None where it is the first. Where neither of the
    sites walked between says which end is near, two different rates leave both unknown.
    """
    to_z, to_a = rates[0], rates[0] if rates[1] is None else rates[1]
    for place, end in ((walked[0], 0), (walked[1], 1)):
        if place in ends and ends[0] != ends[1]:
            forwards = ends.index(place) == end
            return (to_z, to_a) if forwards else (to_a, to_z)
    return (to_z, to_a) if to_z == to_a else (None, None)
