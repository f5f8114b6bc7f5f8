"""All that a readiness run needs to know before it measures anything, read in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Self
from zoneinfo import ZoneInfo

from sqlalchemy import case, distinct, func, or_, select

from alerts.choices import IncidentState
from alerts.models import Incident, IncidentEffect, Maintenance
from conference.choices import Check, MeetingState
from conference.headroom import need_bps
from conference.models import Meeting, Participant, Point
from conference.paths import DEFAULT_LIMITS, Limits
from conference.service import bridges, endpoints, power, ways
from conference.service.meetings import MeetingRow, PointRow, get_meeting, list_points
from hatang import calendar, clock, scope
from hatang.auth import Actor, Permission
from inventory import service as inventory
from inventory.models import Device, Room, Site
from monitors import routertests
from monitors import service as monitors
from playbooks.choices import ChangeState
from playbooks.models import Change, ChangeTarget

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from conference.bridges.protocol import BridgeAccess
    from conference.endpoints.protocol import EndpointAccess
    from hatang.db import AnySession
    from hatang.settings import Settings
    from monitors.choices import State


_ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a meeting is judged by: the province's time zone, the limits of a way.

    Without one of the `required` checks no point counts as ready.
    """

    zone: ZoneInfo = _ZONE
    limits: Limits = DEFAULT_LIMITS
    required: frozenset[Check] = frozenset()

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return what the settings say."""
        own = settings.conference
        required = frozenset(Check(name) for name in own.required_checks)
        return cls(ZoneInfo(settings.timezone), Limits(**own.limits.model_dump()), required)


DEFAULT_TERMS: Final = Terms()


@dataclass(frozen=True, slots=True)
class Others:
    """What other meetings take at that time: bit/s by line, and ports and bit/s of the bridge.

    `live` are the elements that a meeting which runs at this moment uses.
    """

    lines: Mapping[str, int]
    ports: int
    bridge_bps: int
    live: frozenset[str]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known; states and causes by site, work by element.

    `tests` are the routers' own tests by room, `routers` the address of the device at which each
    site's way begins. `joined` is how many of its points are in the meeting by now.
    """

    meeting: MeetingRow
    points: Sequence[PointRow]
    driver: str
    access: BridgeAccess
    capacity_kbps: int | None
    registrar_urls: Sequence[str]
    sites: Mapping[str, State]
    causes: Mapping[str, str]
    ways: ways.Ways
    others: Others
    work: Mapping[str, str]
    supplies: Mapping[str, Sequence[power.Supply]]
    endpoints: Mapping[str, Sequence[EndpointAccess]]
    monitored_age_seconds: float | None
    tests: Mapping[str, routertests.RouterAim] = field(default_factory=dict)
    routers: Mapping[str, str] = field(default_factory=dict)
    joined: int = 0

    def way(self, point: PointRow) -> tuple[str, ...]:
        """Return the elements the point's call runs over, its site and the bridge's first."""
        passed = self.ways.elements.get(point.site, ())
        lines = self.ways.lines.get(point.site, ())
        return (f"site:{point.site}", f"room:{point.room}", *passed, *lines)

    @property
    def need_bps(self) -> int:
        """What one point's call needs each way."""
        return need_bps(self.meeting.call_kbps, self.meeting.content_kbps)


def read(session: AnySession, actor: Actor, uid: str, terms: Terms = DEFAULT_TERMS) -> Known:
    """Return what is known of the meeting `uid`; raises NotFoundError."""
    meeting = get_meeting(session, actor, uid)
    return gather(session, actor, meeting, list_points(session, actor, uid), terms)


def gather(
    session: AnySession,
    actor: Actor,
    meeting: MeetingRow,
    points: Sequence[PointRow],
    terms: Terms = DEFAULT_TERMS,
) -> Known:
    """Return what is known of a meeting of `points`, planned or only thought of."""
    driver, access = bridges.access(session, actor, meeting.bridge)
    row = inventory.get_bridge(session, actor, meeting.bridge)
    reader = _reader(session, actor, meeting)
    sites = list(dict.fromkeys(point.site for point in points))
    times = (meeting.starts_at, meeting.ends_at)
    found = ways.read(session, sites, row.id, times, terms.zone)
    return Known(
        meeting=meeting,
        points=points,
        driver=driver,
        access=access,
        capacity_kbps=row.capacity_kbps,
        registrar_urls=[one.url for one in inventory.list_registrars(session, actor).items],
        sites={one.site: one.state for one in monitors.site_statuses(session, actor)},
        causes=causes(session, reader),
        ways=found,
        others=_others(session, meeting, row.id, terms),
        work=_work(session, reader, *times),
        supplies=power.read(session, actor, sites),
        endpoints=endpoints.of_rooms(session, [point.room for point in points]),
        monitored_age_seconds=monitors.heard_seconds_ago(session),
        tests=routertests.aims(session, {
            point.room: point.reflector for point in points
            if point.reflector is not None and routertests.is_test(point.reflector)
        }),
        routers=_routers(session, found),
        joined=_joined(session, meeting),
    )  # fmt: skip


def _joined(session: AnySession, meeting: MeetingRow) -> int:
    """Return how many points of the meeting are in it: they have the port that they need."""
    points = select(Point.room_id).where(Point.meeting_id == meeting.id)
    counted = select(func.count(distinct(Participant.room_id))).where(
        Participant.meeting_id == meeting.id,
        Participant.left_at.is_(None),
        Participant.room_id.in_(points),
    )
    return session.scalar(counted) or 0


def _routers(session: AnySession, found: ways.Ways) -> dict[str, str]:
    """Return the address of the first device on each site's way, by site."""
    first = {site: way[0].partition(":")[2] for site, way in found.elements.items() if way}
    rows = session.execute(
        select(Device.device_key, Device.primary_ip4)
        .where(Device.device_key.in_(set(first.values())), Device.primary_ip4.is_not(None))
    )  # fmt: skip
    known = {key: address for key, address in rows if address is not None}
    return {site: known[key] for site, key in first.items() if key in known}


def _reader(session: AnySession, actor: Actor, meeting: MeetingRow) -> Actor:
    """Return for whom causes are written down: the meeting's unit, whoever looks.

    What is written down is read by all who see the meeting. One that is only thought of is nobody's
    but who asks.
    """
    scope_id = session.scalar(select(Meeting.scope_id).where(Meeting.uid == meeting.uid))
    if scope_id is None:
        return actor
    return replace(Actor.system("conference"), scope_ids=frozenset({scope_id}))


def causes(session: AnySession, actor: Actor) -> dict[str, str]:
    """Return the open incident's cause by the element it affects (`site:SLUG`, `room:CODE`).

    Only of incidents that the actor may know of.
    """
    acting = actor.acting(Permission.INCIDENT_READ)
    statement = (
        select(IncidentEffect.element, Incident.name)
        .join(Incident, Incident.id == IncidentEffect.incident_id)
        .where(Incident.state.in_((IncidentState.OPEN, IncidentState.ACKNOWLEDGED)))
        .where(scope.visible(acting, Incident.scope_id))
        .order_by(Incident.id)
    )
    return dict(session.execute(statement).all())


def _others(session: AnySession, meeting: MeetingRow, bridge_id: int, terms: Terms) -> Others:
    """Return what the meetings that share a moment with this one take, whoever may see them."""
    same_time = select(Meeting).where(
        Meeting.state == MeetingState.PLANNED,
        Meeting.uid != meeting.uid,
        Meeting.starts_at < meeting.ends_at,
        Meeting.ends_at > meeting.starts_at,
    )
    lines: dict[str, int] = {}
    ports = bridge_bps = 0
    for other in session.scalars(same_time).all():
        rooms = select(Site.slug).join(Room, Room.site_id == Site.id)
        slugs = session.scalars(
            rooms.join(Point, Point.room_id == Room.id).where(Point.meeting_id == other.id)
        ).all()
        each = need_bps(other.call_kbps, other.content_kbps)
        times = (other.starts_at, other.ends_at)
        theirs = ways.read(session, sorted(set(slugs)), other.bridge_id, times, terms.zone)
        for slug in slugs:
            for key in theirs.lines.get(slug, ()):
                lines[key] = lines.get(key, 0) + each
        if other.bridge_id == bridge_id:
            ports += len(slugs)
            bridge_bps += each * len(slugs)
    now = clock.now()
    running = calendar.overlapping(session, None, now, now + _MOMENT, ("meeting",))
    own = f"meeting/{meeting.uid}"
    live = frozenset(one.element for one in running if one.source != own)
    return Others(lines, ports, bridge_bps, live)


_MOMENT: Final = timedelta(seconds=1)


def _work(session: AnySession, actor: Actor, start: datetime, end: datetime) -> dict[str, str]:
    """Return what is announced or under way on an element at that time, by element.

    What the actor may not know of is told without its reason or title.
    """
    found: dict[str, str] = {}
    own = scope.visible(actor.acting(Permission.INCIDENT_READ), Maintenance.scope_id)
    announced = (
        select(Maintenance.elements, case((own, Maintenance.reason)))
        .where(Maintenance.starts_at < end, Maintenance.ends_at > start)
        .order_by(Maintenance.id)
    )
    for elements, reason in session.execute(announced):
        told = "announced work" if reason is None else f"announced work: {reason}"
        found |= dict.fromkeys(elements, told)
    acting = actor.acting(Permission.CHANGE_READ)
    seen = or_(scope.visible(acting, Change.scope_id), scope.visible(acting, Device.scope_id))
    running = (
        select(Device.device_key, case((seen, Change.title)))
        .join(ChangeTarget, ChangeTarget.device_id == Device.id)
        .join(Change, Change.id == ChangeTarget.change_id)
        .where(Change.state == ChangeState.RUNNING)
    )
    for key, title in session.execute(running):
        told = "change under way" if title is None else f"change under way: {title}"
        found[f"device:{key}"] = told
    return found
