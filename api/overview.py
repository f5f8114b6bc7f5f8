"""The state of the province in one look, put together from what the services tell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts import service as alerts
from alerts.maintenance import covered
from hatang import clock
from inventory import service as inventory
from inventory.rows import EVERYTHING
from monitors import past
from monitors import service as monitors
from monitors.choices import Cause, ElementKind, State, worst

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from alerts.models import Incident
    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.rows import SiteRow, UnitRow
    from monitors.past import PastState
    from monitors.service import ElementStatus, SiteStatus

WATCHED = (ElementKind.DEVICE, ElementKind.SERVICE)
SEVERITIES = ("critical", "warning", "info")
INCIDENTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class NetworkStatus:
    """What is wrong and how everything stands at `at`; `is_stale`: no monitor has been heard.

    `kept_since` is the earliest moment that can be asked about, None while there is none.
    """

    at: datetime
    state: State
    is_stale: bool
    incidents: int
    worst: Incident | None
    devices: dict[State, int]
    services: dict[State, int]
    maintenance: int
    sites: tuple[SiteStatus, ...]
    kept_since: datetime | None


def network_status(session: AnySession, actor: Actor, at: datetime | None = None) -> NetworkStatus:
    """Return the state of everything the actor sees, now or as it was at `at`.

    Raises:
        InvalidInputError: `at` lies ahead, or before what is kept.
    """
    elements: Sequence[ElementStatus | PastState] = (
        monitors.list_status(session, actor)
        if at is None
        else past.states_at(session, actor, at, kinds=WATCHED)
    )
    sites = tuple(monitors.site_statuses(session, actor, at))
    page = (
        alerts.list_incidents(session, actor, limit=INCIDENTS_SHOWN)
        if at is None
        else alerts.incidents_at(session, actor, at, limit=INCIDENTS_SHOWN)
    )
    devices: Counter[State] = Counter()
    for site in sites:
        devices.update(site.counts)
    moment = at or clock.now()
    running = covered(session, moment)
    services = Counter(e.state for e in elements if e.element.kind is ElementKind.SERVICE)
    return NetworkStatus(
        at=moment,
        state=worst([*(site.state for site in sites), *services]),
        is_stale=_is_stale(elements),
        incidents=page.total,
        worst=min(page.incidents, key=_rank, default=None),
        devices={state: devices[state] for state in State},
        services={state: services[state] for state in State},
        maintenance=sum(each.element.key in running for each in elements),
        sites=sites,
        kept_since=past.kept_since(session),
    )


def _is_stale(elements: Sequence[ElementStatus | PastState]) -> bool:
    return bool(elements) and all(each.cause is Cause.STALE for each in elements)


def _rank(incident: Incident) -> tuple[int, int]:
    known = SEVERITIES.index(incident.severity) if incident.severity in SEVERITIES else 9
    return (known, incident.id)


def worst_first(incidents: tuple[Incident, ...]) -> list[Incident]:
    """Return incidents, the most severe and then the oldest first."""
    return sorted(incidents, key=_rank)


@dataclass(frozen=True, slots=True)
class PlacedSite:
    """A site on the map with its state; a site without devices is unknown."""

    site: SiteRow
    state: State
    counts: dict[State, int]


@dataclass(frozen=True, slots=True)
class UnitNode:
    """A unit, its sites, the units below it, and the worst state of all that."""

    unit: UnitRow
    state: State
    sites: tuple[PlacedSite, ...]
    children: tuple[UnitNode, ...]


def placed_sites(
    session: AnySession, actor: Actor, known: tuple[SiteStatus, ...]
) -> list[PlacedSite]:
    """Return every site the actor sees with its state."""
    by_slug = {status.site: status for status in known}
    found = []
    for row in inventory.list_sites(session, actor, EVERYTHING).items:
        status = by_slug.get(row.slug)
        state = status.state if status else State.UNKNOWN
        found.append(PlacedSite(row, state, dict(status.counts) if status else {}))
    return found


def unit_tree(session: AnySession, actor: Actor, sites: list[PlacedSite]) -> list[UnitNode]:
    """Return the units as a tree; a unit whose parent the actor may not see is a root."""
    units = inventory.list_units(session, actor, EVERYTHING).items
    codes = {unit.code for unit in units}
    below: dict[str | None, list[UnitRow]] = {}
    for unit in units:
        below.setdefault(unit.parent if unit.parent in codes else None, []).append(unit)
    at: dict[str, list[PlacedSite]] = {}
    for site in sites:
        at.setdefault(site.site.unit, []).append(site)
    return [_node(unit, below, at) for unit in below.get(None, [])]


def _node(
    unit: UnitRow, below: dict[str | None, list[UnitRow]], at: dict[str, list[PlacedSite]]
) -> UnitNode:
    children = tuple(_node(child, below, at) for child in below.get(unit.code, []))
    mine = tuple(at.get(unit.code, []))
    measured = [site.state for site in mine] + [
        child.state for child in children if child.sites or child.children
    ]
    return UnitNode(unit, worst(measured), mine, children)
