"""The network as a drawing: sites, what joins them, and which of it is broken."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api import overview
from api.kept import Kept, Snapshot
from api.web.layout import rings
from hatang.i18n import language
from inventory import service as inventory
from monitors import past
from monitors import service as monitors
from monitors.choices import ElementKind, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from api.overview import PlacedSite
    from api.web.layout import Point
    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.network import LinkEdge
    from inventory.service import Current
    from inventory.topology import Topology
    from monitors.past import PastState
    from monitors.service import ElementStatus

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class DrawnSite:
    """A site and where it stands on the drawing; nowhere when no link leads to it."""

    placed: PlacedSite
    point: Point | None


@dataclass(frozen=True, slots=True)
class DrawnEdge:
    """Everything that joins two sites: how many links, how many of them broken, the circuits."""

    a: str
    z: str
    links: int
    broken: int
    circuits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """The network as far as the asker sees it."""

    sites: tuple[DrawnSite, ...]
    edges: tuple[DrawnEdge, ...]


class Drawings:
    """Drawings by scope, and the JSON that the page draws them from, by language too."""

    def __init__(self) -> None:
        self._drawn = Kept[Drawing]()
        self._told = Kept[Snapshot]()

    def __call__(self, session: AnySession, actor: Actor, topology: Current[Topology]) -> Drawing:
        """Return the drawing as `actor` may see it; raises DeniedError."""
        return self._drawn(session, actor, lambda: draw(session, actor, topology(session)))

    def told(
        self,
        session: AnySession,
        actor: Actor,
        topology: Current[Topology],
        tell: Callable[[Drawing], object],
    ) -> Snapshot:
        """Return what `tell` makes of the drawing in the asker's language, as JSON."""

        def make() -> Snapshot:
            told = tell(self(session, actor, topology))
            return Snapshot.of(json.dumps(told, ensure_ascii=False).encode())

        return self._told(session, actor, make, language())


def draw(
    session: AnySession, actor: Actor, topology: Topology, at: datetime | None = None
) -> Drawing:
    """Return the drawing of the sites the actor sees and of the links between them.

    With `at` in the states of that moment, of what the inventory holds today.

    Raises:
        InvalidInputError: `at` lies ahead, or before what is kept.
    """
    known = tuple(monitors.site_statuses(session, actor, at))
    sites = {one.site.slug: one for one in overview.placed_sites(session, actor, known)}
    edges = _edges(topology, set(sites), _broken(session, actor, topology, at))
    near: dict[str, set[str]] = defaultdict(set)
    for edge in edges:
        near[edge.a].add(edge.z)
        near[edge.z].add(edge.a)
    points = rings(near, _middle(topology, sites))
    drawn = tuple(DrawnSite(site, points.get(slug)) for slug, site in sites.items())
    return Drawing(drawn, tuple(edges))


def _middle(topology: Topology, sites: dict[str, PlacedSite]) -> set[str]:
    """Return the sites of the roots; without any to be seen, what is joined most stands there."""
    roots = {device.site for device in topology.network.devices if device.is_root}
    return roots & sites.keys() or {
        slug for slug, site in sites.items() if site.site.kind in ("datacentre", "hub")
    }


def _edges(topology: Topology, visible: set[str], broken: set[str]) -> list[DrawnEdge]:
    site_of = {device.key: device.site for device in topology.network.devices}
    joined: dict[Pair, list[LinkEdge]] = defaultdict(list)
    for link in topology.network.links:
        a, z = sorted((site_of[link.a], site_of[link.z]))
        if a != z and {a, z} <= visible:
            joined[a, z].append(link)
    return [
        DrawnEdge(
            a,
            z,
            len(links),
            sum(link.key in broken for link in links),
            tuple(sorted({link.circuit for link in links if link.circuit})),
        )
        for (a, z), links in sorted(joined.items())
    ]


def _broken(session: AnySession, actor: Actor, topology: Topology, at: datetime | None) -> set[str]:
    """Return the links with a dead device or a bad interface at one end."""
    bad: Sequence[ElementStatus | PastState] = (
        monitors.list_status(session, actor, state=State.BAD)
        if at is None
        else past.bad_at(session, actor, at)
    )
    dead = {one.element.owner for one in bad if one.element.kind is ElementKind.DEVICE}
    ports = [
        (one.element.owner, one.element.name)
        for one in bad
        if one.element.kind is ElementKind.INTERFACE
    ]
    return inventory.links_at(session, ports) | set(_with_end(topology, dead))


def _with_end(topology: Topology, devices: set[str]) -> Iterable[str]:
    return (link.key for link in topology.network.links if {link.a, link.z} & devices)
