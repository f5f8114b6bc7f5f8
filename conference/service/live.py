"""How the points of a running meeting are heard now, and whose fault a poor one is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from conference import presence, quality
from conference.blame import blamed_lines
from conference.choices import MatchMethod, Quality
from conference.models import Participant, Window
from conference.service import ways
from conference.service.known import causes
from conference.service.meetings import get_meeting, list_points
from hatang import clock
from hatang.errors import NotFoundError
from inventory.models import Bridge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from conference.service.meetings import MeetingRow, PointRow
    from hatang.auth import Actor
    from hatang.db import AnySession

STALE_AFTER: Final = timedelta(seconds=3 * quality.WINDOW_SECONDS)
POOR: Final = (Quality.BAD, Quality.TERRIBLE)


@dataclass(frozen=True, slots=True)
class StreamWindow:
    """One stream's window; what the bridge did not tell is None."""

    at: datetime
    direction: str
    media: str
    packets: int | None
    packets_lost: int | None
    loss_ratio: float | None
    jitter_seconds: float | None
    rtt_seconds: float | None
    bitrate_bps: float | None
    quality: str


@dataclass(frozen=True, slots=True)
class LivePoint:
    """A point as it is heard: `quality` is of the last three windows, unknown when they are old.

    `method` says how it was told that this is the room; `streams` are the newest windows. `cause`
    is of a poor or absent point: the line that poor points have in common and no good one, else an
    open incident; `element` is what it names, as alerts know it.
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
    streams: tuple[StreamWindow, ...] = ()
    cause: str = ""
    element: str = ""

    @property
    def is_poor(self) -> bool:
        """Whether it is in and heard badly."""
        return self.is_in and self.quality in POOR


@dataclass(frozen=True, slots=True)
class Live:
    """A meeting now, the worst point first; `strangers` are in it, and no point's."""

    uid: str
    at: datetime
    points: tuple[LivePoint, ...]
    strangers: tuple[str, ...]


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
    points = _explained(session, actor, meeting, points, now)
    points.sort(key=lambda one: (one.is_in, -quality.ORDER.index(Quality(one.quality)), one.room))
    strangers = tuple(row.display_name for row in by_room[None] if row.left_at is None)
    return Live(uid, now, tuple(points), strangers)


def _windows(
    session: AnySession, people: Sequence[int], since: datetime
) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    statement = (
        select(Window.participant_id, *_COLUMNS)
        .where(Window.participant_id.in_(people), Window.at >= since)
        .order_by(Window.at, Window.id)
    )
    for row in session.execute(statement):
        found[row.participant_id].append(row)
    return found


def _point(
    point: PointRow,
    calls: Sequence[Participant],
    windows: Mapping[int, list[Row[Any]]],
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
        streams=tuple(_shown(row) for row in newest),
    )


_COLUMNS: Final = tuple(getattr(Window, name) for name in StreamWindow.__dataclass_fields__)


def _shown(row: Row[Any]) -> StreamWindow:
    return StreamWindow(*row[-len(_COLUMNS) :])


def windows(session: AnySession, actor: Actor, uid: str, room: str) -> list[StreamWindow]:
    """Return how a point was heard in this meeting, the earliest window first.

    Raises:
        NotFoundError: there is no such meeting, or the room is not in it.
    """
    meeting = get_meeting(session, actor, uid)
    point = next((one for one in list_points(session, actor, uid) if one.room == room), None)
    if point is None:
        raise NotFoundError(f"the room {room} is not in the meeting {uid}")
    statement = (
        select(*_COLUMNS)
        .join(Participant, Participant.id == Window.participant_id)
        .where(Participant.meeting_id == meeting.id, Participant.room_id == point.room_id)
        .order_by(Window.at, Window.id)
    )
    return [_shown(row) for row in session.execute(statement)]


def _explained(
    session: AnySession,
    actor: Actor,
    meeting: MeetingRow,
    points: Sequence[LivePoint],
    now: datetime,
) -> list[LivePoint]:
    """Return the points, with a cause each of those that are poor, or absent while it runs."""
    if not meeting.starts_at <= now < meeting.ends_at:
        return list(points)
    told = causes(session, actor)
    lines = _lines(session, meeting, points) if any(one.is_poor for one in points) else {}
    return [_with_cause(one, told, lines) for one in points]


def _with_cause(
    point: LivePoint, told: Mapping[str, str], lines: Mapping[str, tuple[str, str]]
) -> LivePoint:
    if point.is_in and not point.is_poor:
        return point
    incident = told.get(f"room:{point.room}") or told.get(f"site:{point.site}")
    element, name = lines.get(point.room, (f"room:{point.room}", ""))
    return replace(point, cause=name or incident or "", element=element)


def _lines(
    session: AnySession, meeting: MeetingRow, points: Sequence[LivePoint]
) -> dict[str, tuple[str, str]]:
    """Return the element and the name of the line that is to blame, by poor room."""
    bridge = session.scalars(select(Bridge.id).where(Bridge.code == meeting.bridge)).one()
    heard = [one for one in points if one.is_in and one.quality != Quality.UNKNOWN]
    found = ways.drawn(session, sorted({one.site for one in heard}), bridge)
    own = {one.room: found.lines.get(one.site, ()) for one in heard}
    keys = blamed_lines(
        [one.room for one in heard if one.is_poor],
        [one.room for one in heard if not one.is_poor],
        own,
        at_least=1,
    )
    return {room: (found.links.get(key, key), found.by_key[key].name) for room, key in keys.items()}
