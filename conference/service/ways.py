"""What a meeting's calls run over between its sites and its bridge: devices, cables, circuits."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import aliased

from conference.lines import Line
from hatang.errors import NotFoundError
from inventory.choices import ElementKind
from inventory.models import Bridge, Circuit, Device, Interface, Link, Site
from inventory.service import load_topology
from inventory.service.routes import directed
from monitors.history import percentile95
from monitors.models import RollupRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from hatang.db import AnySession
    from inventory.network import Element
    from inventory.topology import Topology

    Usual: TypeAlias = "dict[tuple[str, str], dict[int, list[float]]]"

WEEKS: Final = 4
"""How many of the same weekday before the meeting tell what usually runs then."""

_a_port, _z_port = aliased(Interface), aliased(Interface)
_a_end = aliased(Device)
_a_site, _z_site = aliased(Site), aliased(Site)


@dataclass(frozen=True, slots=True)
class Ways:
    """Each site's way to the bridge as element keys, and the lines on it, the site's first.

    `links` has the element of the cable that a line runs over, as alerts know it.
    """

    elements: Mapping[str, tuple[str, ...]]
    lines: Mapping[str, tuple[str, ...]]
    by_key: Mapping[str, Line]
    links: Mapping[str, str] = field(default_factory=dict)


def between(session: AnySession, sites: Iterable[str], bridge_id: int) -> list[str]:
    """Return `device:KEY`, `link:KEY`, `circuit:CID` on the ways from `sites` to the bridge.

    That is the shortest way of each site's devices, and whatever alone can cut one off. What no
    drawn path leads to adds nothing: about its way nothing is known.
    """
    topology = load_topology(session)
    goal = _goal(session, bridge_id)
    found: dict[Element, None] = {}
    for site in sites:
        for device in topology.devices_at(site):
            way = _way(topology, device, goal)
            found |= dict.fromkeys((*way, *topology.upstream(device)) if way else ())
    return sorted(f"{element.kind}:{element.key}" for element in found)


def read(
    session: AnySession,
    sites: Collection[str],
    bridge_id: int,
    times: tuple[datetime, datetime],
    zone: ZoneInfo,
) -> Ways:
    """Return the sites' ways to the bridge, with what is free on their lines at that time.

    A line is a circuit, or a cable of our own whose ports tell their speed.
    """
    found, is_from_a = _found(session, sites, bridge_id)
    circuits = [key.partition(":")[2] for key in found.by_key if key[:8] == "circuit:"]
    usual = _usual(session, circuits, times, zone)
    lines = {key: _with_usual(line, is_from_a, usual) for key, line in found.by_key.items()}
    return replace(found, by_key=lines)


def drawn(session: AnySession, sites: Collection[str], bridge_id: int) -> Ways:
    """Return the sites' ways to the bridge as they are drawn, whatever runs there."""
    return _found(session, sites, bridge_id)[0]


def _found(
    session: AnySession, sites: Collection[str], bridge_id: int
) -> tuple[Ways, Mapping[str, bool]]:
    """Return the ways without what usually runs there, and which circuits begin at their A end."""
    topology = load_topology(session)
    goal = _goal(session, bridge_id)
    ways: dict[str, tuple[Element, ...]] = {}
    for site in sites:
        reaching = [way for key in topology.devices_at(site) if (way := _way(topology, key, goal))]
        if reaching:
            ways[site] = min(reaching, key=len)
    at = {node.key: node.site for node in topology.network.devices}
    rows = _Drawn(session, {link.key for way in ways.values() for link in way[1::2]})
    lines: dict[str, Line] = {}
    links: dict[str, str] = {}
    keys: dict[str, tuple[str, ...]] = {}
    for site, way in ways.items():
        own = []
        for near, link, far in zip(way[::2], way[1::2], way[2::2], strict=False):
            line = rows.line(link.key, near.key, (at[near.key], at[far.key]))
            if line is not None:
                own.append(line.key)
                lines.setdefault(line.key, line)
                links.setdefault(line.key, f"{link.kind}:{link.key}")
        keys[site] = tuple(own)
    elements = {site: tuple(f"{one.kind}:{one.key}" for one in way) for site, way in ways.items()}
    return Ways(elements, keys, lines, links), rows.from_a


def _goal(session: AnySession, bridge_id: int) -> str | None:
    return session.scalar(
        select(Device.device_key)
        .join(Bridge, Bridge.device_id == Device.id)
        .where(Bridge.id == bridge_id)
    )


def _way(topology: Topology, device: str, goal: str | None) -> tuple[Element, ...]:
    try:
        return topology.path(device, goal)
    except NotFoundError:  # the bridge, or the device, is not in operation
        return ()


class _Drawn:
    """The drawn links by key, with their circuits, in one question."""

    def __init__(self, session: AnySession, keys: Iterable[str]) -> None:
        statement = (
            select(
                Link.id,
                _a_end.device_key,
                _a_port.speed_kbps,
                _z_port.speed_kbps,
                Circuit.cid,
                Circuit.commit_rate_kbps,
                Circuit.upstream_rate_kbps,
                _a_site.slug,
                _z_site.slug,
            )
            .join(_a_port, Link.a_interface_id == _a_port.id)
            .join(_a_end, _a_port.device_id == _a_end.id)
            .join(_z_port, Link.z_interface_id == _z_port.id)
            .outerjoin(Circuit, Link.circuit_id == Circuit.id)
            .outerjoin(_a_site, Circuit.a_site_id == _a_site.id)
            .outerjoin(_z_site, Circuit.z_site_id == _z_site.id)
            .where(Link.id.in_([int(key) for key in keys if key.isdecimal()]))
        )
        self._rows = {str(row[0]): row for row in session.execute(statement)}
        self.from_a: dict[str, bool] = {}

    def line(self, link: str, near: str, sites: tuple[str, str]) -> Line | None:
        """Return the line that is walked from the device `near`; None for one nobody drew."""
        row = self._rows.get(link)
        if row is None:
            return None
        _, a_key, *speeds, cid, to_z, to_a, a_site, z_site = row
        if cid is None:
            known = [speed for speed in speeds if speed is not None]
            rate = min(known) if len(known) == len(speeds) else None
            is_within = sites[0] == sites[1]
            return Line(f"link:{link}", " – ".join(sites), rate, rate, is_within_site=is_within)
        # As monitors.rollups measures a circuit: at the A end of the link that it carries.
        self.from_a.setdefault(cid, a_key == near)
        return Line(f"circuit:{cid}", cid, *directed((to_z, to_a), (a_site, z_site), sites))


def _with_usual(
    line: Line,
    from_a: Mapping[str, bool],
    usual: Mapping[tuple[str, str], Mapping[int, list[float]]],
) -> Line:
    kind, _, cid = line.key.partition(":")
    if kind != ElementKind.CIRCUIT:
        return line
    out, into = (
        [value for week in usual.get((cid, metric), {}).values() for value in week]
        for metric in ("out", "in")
    )
    up, down = (out, into) if from_a[cid] else (into, out)
    return replace(
        line,
        usual_up_bps=percentile95(up),
        usual_down_bps=percentile95(down),
        weeks=min(len(usual.get((cid, metric), {})) for metric in ("in", "out")),
    )


def _usual(
    session: AnySession, circuits: Iterable[str], times: tuple[datetime, datetime], zone: ZoneInfo
) -> Usual:
    """Return the hours' 95th percentiles of the same weekday, by circuit, way and week.

    A row from before that figure was kept tells the hour's average.
    """
    hours = _hours(*times, zone)
    weeks = range(1, WEEKS + 1)
    days = {day - timedelta(weeks=week): (week, of) for day, of in hours.items() for week in weeks}
    statement = select(RollupRow).where(
        RollupRow.kind == "circuit",
        RollupRow.key.in_(list(circuits)),
        RollupRow.metric.in_(("in", "out")),
        RollupRow.day.in_(days),
    )
    found: Usual = defaultdict(dict)
    for row in session.scalars(statement):
        told = row.hours_percentile95 or row.hours
        week, of = days[row.day]
        values = [value for hour in of if hour < len(told) and (value := told[hour]) is not None]
        if values:
            found[row.key, row.metric].setdefault(week, []).extend(values)
    return found


def _hours(start: datetime, end: datetime, zone: ZoneInfo) -> dict[date, set[int]]:
    """Return the local hours that the meeting touches, by day."""
    found: dict[date, set[int]] = defaultdict(set)
    at = start.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    while at < end:
        found[at.date()].add(at.hour)
        at += timedelta(hours=1)
    return found
