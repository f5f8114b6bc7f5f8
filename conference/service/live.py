"""Who is in a meeting and how they are heard: written as bridges tell it, read worst first."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from conference import presence, quality
from conference.bridges import status
from conference.choices import MatchMethod, MeetingState, Quality
from conference.matching import Candidate, match
from conference.models import Alias, Meeting, Participant, Point, Window
from conference.pushed import JOINED
from conference.service.meetings import get_meeting, list_points
from hatang import clock
from inventory.models import Bridge, Endpoint, Prefix, Room, Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from conference.pushed import Event
    from conference.service.meetings import PointRow
    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession

EARLY: Final = timedelta(minutes=60)
"""So long before its beginning people who join belong to a meeting."""
STALE_AFTER: Final = timedelta(seconds=3 * quality.WINDOW_SECONDS)


@dataclass(frozen=True, slots=True)
class LivePoint:
    """A point as it is heard: `quality` is of the last three windows, unknown when they are old.

    `method` says how it was told that this is the room.
    """

    room: str
    name: str
    site: str
    contact_phone: str | None
    required: bool
    is_in: bool
    method: str
    joined_at: datetime | None
    left_at: datetime | None
    drops: int
    quality: str
    loss_ratio: float | None
    packets: int | None
    heard_at: datetime | None


@dataclass(frozen=True, slots=True)
class Live:
    """A meeting now, the worst point first; `strangers` are in it, and no point's."""

    uid: str
    at: datetime
    points: tuple[LivePoint, ...]
    strangers: tuple[str, ...]


def running(session: AnySession, now: datetime) -> list[tuple[int, str]]:
    """Return id and code of the bridges that have a meeting now, or one that begins soon."""
    statement = (
        select(Bridge.id, Bridge.code)
        .join(Meeting, Meeting.bridge_id == Bridge.id)
        .where(Meeting.state == MeetingState.PLANNED)
        .where(Meeting.starts_at <= now + EARLY, Meeting.ends_at > now)
        .distinct()
    )
    return [(number, code) for number, code in session.execute(statement)]


def observe(
    session: WriteSession, bridge_id: int, people: Sequence[status.Participant], at: datetime
) -> None:
    """Write down who is in the bridge's conferences at `at`, and how they are heard.

    Who was in and is no longer told has left, at its meeting's end at the latest; who stays beyond
    that joins anew, the next meeting if there is one.
    """
    held = _inside(session, bridge_id)
    over = _over(session, held.values(), at)
    places = _Places(session, bridge_id, at)
    for who in {one.remote_id: one for one in people}.values():
        row = held.get(who.remote_id)
        if row is None or row.meeting_id in over:
            row = _join(session, bridge_id, places, who, at)
        else:
            del held[who.remote_id]
        _hear(session, row, who.streams, at)
    for row in held.values():
        left = over.get(row.meeting_id, at)
        row.left_at, row.leave_reason = max(row.joined_at, left), "no longer told"
    session.flush()


def _over(
    session: AnySession, rows: Iterable[Participant], at: datetime
) -> dict[int | None, datetime]:
    """Return when those meetings ended that are over."""
    numbers = {row.meeting_id for row in rows if row.meeting_id is not None}
    statement = select(Meeting.id, Meeting.ends_at)
    ended = statement.where(Meeting.id.in_(numbers), Meeting.ends_at <= at)
    return dict(session.execute(ended).all())


def take(session: WriteSession, bridge_id: int, told: Sequence[Event]) -> None:
    """Write down who joined and left, as the bridge told by itself."""
    from_bridge = _inside(session, bridge_id)
    for event in told:
        row = from_bridge.get(event.remote_id)
        if event.kind == JOINED and row is None and not _is_known(session, bridge_id, event):
            who = _as_participant(event)
            places = _Places(session, bridge_id, event.at)
            from_bridge[event.remote_id] = _join(session, bridge_id, places, who, event.at)
        elif event.kind != JOINED and row is not None and event.at >= row.joined_at:
            row.left_at, row.leave_reason = event.at, event.reason
            del from_bridge[event.remote_id]
    session.flush()


def _is_known(session: AnySession, bridge_id: int, event: Event) -> bool:
    """Whether that joining is written down, as by a message that was sent again in another."""
    statement = select(Participant.id).where(
        Participant.bridge_id == bridge_id,
        Participant.remote_id == event.remote_id,
        Participant.joined_at == event.at,
    )
    return session.scalar(statement) is not None


def _as_participant(event: Event) -> status.Participant:
    return status.Participant(
        event.conference, event.remote_id, event.display_name, event.remote_uri, event.remote_ip
    )


def _inside(session: AnySession, bridge_id: int) -> dict[str, Participant]:
    rows = session.scalars(
        select(Participant).where(Participant.bridge_id == bridge_id, Participant.left_at.is_(None))
    )
    return {row.remote_id: row for row in rows}


class _Places:
    """The bridge's meetings at a moment, and the rooms that may be in them."""

    def __init__(self, session: AnySession, bridge_id: int, at: datetime) -> None:
        meetings = session.scalars(
            select(Meeting)
            .where(Meeting.bridge_id == bridge_id, Meeting.state == MeetingState.PLANNED)
            .where(Meeting.starts_at <= at + EARLY, Meeting.ends_at > at)
            .order_by(Meeting.starts_at)
        ).all()
        self._rooms = {one.id: _candidates(session, one.id) for one in meetings}

    def find(self, who: status.Participant) -> tuple[int | None, int | None, MatchMethod]:
        """Return meeting, room and how it was told; who is no room belongs to the only meeting."""
        for meeting, rooms in self._rooms.items():
            code, method = match(who, [one for _, one in rooms])
            if code is not None:
                return meeting, next(n for n, one in rooms if one.room == code), method
        only = next(iter(self._rooms)) if len(self._rooms) == 1 else None
        return only, None, MatchMethod.NONE


def _candidates(session: AnySession, meeting_id: int) -> list[tuple[int, Candidate]]:
    rooms = session.execute(
        select(Room, Site)
        .join(Point, Point.room_id == Room.id)
        .join(Site, Site.id == Room.site_id)
        .where(Point.meeting_id == meeting_id)
    ).all()
    endpoints: dict[int | None, list[Endpoint]] = defaultdict(list)
    numbers = [room.id for room, _ in rooms]
    for endpoint in session.scalars(select(Endpoint).where(Endpoint.room_id.in_(numbers))):
        endpoints[endpoint.room_id].append(endpoint)
    aliases: dict[int, set[str]] = defaultdict(set)
    for alias in session.scalars(select(Alias).where(Alias.room_id.in_(numbers))):
        aliases[alias.room_id].add(alias.alias)
    networks: dict[int | None, list[str]] = defaultdict(list)
    sites = {site.id for _, site in rooms}
    for prefix in session.scalars(select(Prefix).where(Prefix.site_id.in_(sites))):
        networks[prefix.site_id].append(prefix.prefix)
    return [
        (
            room.id,
            Candidate(
                room=room.code,
                name=room.name,
                site_name=site.name,
                codes=frozenset({room.code, *(one.code for one in endpoints[room.id])}),
                aliases=frozenset(aliases[room.id]),
                uris=frozenset(
                    uri
                    for uri in (room.sip_uri, *(one.sip_uri for one in endpoints[room.id]))
                    if uri
                ),
                addresses=frozenset(one.address for one in endpoints[room.id] if one.address),
                networks=tuple(networks[site.id]),
            ),
        )
        for room, site in rooms
    ]


def _join(
    session: WriteSession,
    bridge_id: int,
    places: _Places,
    who: status.Participant,
    at: datetime,
) -> Participant:
    meeting, room, method = places.find(who)
    row = Participant(
        bridge_id=bridge_id,
        conference=who.conference,
        remote_id=who.remote_id,
        display_name=who.display_name,
        remote_uri=who.remote_uri,
        remote_ip=who.remote_ip,
        meeting_id=meeting,
        room_id=room,
        match_method=method,
        joined_at=at,
        leave_reason="",
    )
    session.add(row)
    session.flush()
    return row


def _hear(
    session: WriteSession, row: Participant, streams: Sequence[status.Stream], at: datetime
) -> None:
    before, counters = row.counters or {}, {}
    for stream in quality.merged(streams):
        key = f"{stream.direction}/{stream.media}"
        if stream.packets is not None and stream.packets_lost is not None:
            counters[key] = [stream.packets, stream.packets_lost]
        found = quality.heard(stream, before.get(key))
        session.add(
            Window(
                participant_id=row.id,
                at=at,
                direction=stream.direction,
                media=stream.media,
                packets=found.packets,
                packets_lost=found.packets_lost,
                loss_ratio=found.loss_ratio,
                jitter_seconds=stream.jitter_seconds,
                rtt_seconds=stream.rtt_seconds,
                bitrate_bps=stream.bitrate_bps,
                quality=found.quality,
            )
        )
    row.counters = counters


def live(session: AnySession, actor: Actor, uid: str) -> Live:
    """Return who is in the meeting and how they are heard; raises NotFoundError."""
    meeting = get_meeting(session, actor, uid)
    now = clock.now()
    rows = session.scalars(
        select(Participant)
        .where(Participant.meeting_id == meeting.id)
        .order_by(Participant.joined_at, Participant.id)
    ).all()
    by_room: dict[int | None, list[Participant]] = defaultdict(list)
    for row in rows:
        by_room[row.room_id].append(row)
    inside = [row.id for row in rows if row.left_at is None]
    windows = _windows(session, inside, now - STALE_AFTER)
    until = min(now, meeting.ends_at)
    points = [
        _point(point, by_room.get(point.room_id, []), windows, until)
        for point in list_points(session, actor, uid)
    ]
    points.sort(key=lambda one: (one.is_in, -quality.ORDER.index(Quality(one.quality)), one.room))
    strangers = tuple(row.display_name for row in by_room[None] if row.left_at is None)
    return Live(uid, now, tuple(points), strangers)


def _windows(
    session: AnySession, people: Sequence[int], since: datetime
) -> dict[int, list[Window]]:
    found: dict[int, list[Window]] = defaultdict(list)
    statement = (
        select(Window)
        .where(Window.participant_id.in_(people), Window.at >= since)
        .order_by(Window.at, Window.id)
    )
    for row in session.scalars(statement):
        found[row.participant_id].append(row)
    return found


def _point(
    point: PointRow,
    calls: Sequence[Participant],
    windows: dict[int, list[Window]],
    until: datetime,
) -> LivePoint:
    inside = [one for one in calls if one.left_at is None]
    last = next(iter([*inside[-1:], *calls[-1:]]), None)
    own = [row for one in inside for row in windows.get(one.id, [])]
    was_in = presence.spans(((one.joined_at, one.left_at) for one in calls), until)
    moments: dict[datetime, list[Quality]] = defaultdict(list)
    for row in own:
        moments[row.at].append(Quality(row.quality))
    heard_at = max(moments, default=None)
    newest = [row for row in own if row.at == heard_at]
    poorest = max(newest, key=lambda row: row.loss_ratio or 0.0, default=None)
    return LivePoint(
        room=point.room,
        name=point.name,
        site=point.site,
        contact_phone=point.contact_phone,
        required=point.required,
        is_in=bool(inside),
        method=MatchMethod.NONE if last is None else last.match_method,
        joined_at=calls[0].joined_at if calls else None,
        left_at=None if inside or not was_in else was_in[-1][1],
        drops=presence.drops(was_in),
        quality=quality.current([quality.worst(moments[at]) for at in sorted(moments)]),
        loss_ratio=None if poorest is None else poorest.loss_ratio,
        packets=None if poorest is None else poorest.packets,
        heard_at=heard_at,
    )
