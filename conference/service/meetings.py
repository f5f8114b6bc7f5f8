"""Meetings: written idempotently under their UID, and booked so that no change runs over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import Select, delete, func, select

from conference.choices import MeetingState, PointRole
from conference.models import Meeting, Point
from conference.service import ways
from hatang import audit, calendar, clock, scope
from hatang.auth import Permission
from hatang.errors import DeniedError, InvalidInputError, NotFoundError, Problem
from inventory.models import Bridge, Room, Site
from inventory.pages import Order, fetch
from inventory.rows import FIRST_PAGE, Query

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession
    from inventory.rows import Page

DEFAULT_CALL_KBPS: Final = 2048
_FIX_ROOM: Final = "Use the code of a room in the inventory."


@dataclass(frozen=True, slots=True)
class PointInput:
    """A room that takes part; a required one stops the meeting when it fails."""

    room: str
    role: PointRole = PointRole.VIEWER
    required: bool = False


@dataclass(frozen=True, slots=True)
class MeetingInput:
    """A meeting as somebody asks for it; times are aware."""

    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    bridge: str
    points: Sequence[PointInput]
    call_kbps: int = DEFAULT_CALL_KBPS
    content_kbps: int = 0
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """A meeting in a list."""

    id: int
    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    bridge: str
    call_kbps: int
    state: str
    points: int
    content_kbps: int = 0


@dataclass(frozen=True, slots=True)
class PointRow:
    """A room in one meeting, with whom to call there."""

    room_id: int
    room: str
    name: str
    site: str
    site_name: str
    sip_uri: str | None
    contact_phone: str | None
    role: str
    required: bool
    reflector: str | None = None


def put_meeting(session: WriteSession, actor: Actor, wanted: MeetingInput) -> int:
    """Create the meeting, or make the one with this UID be exactly so; returns its id.

    Raises:
        DeniedError: the actor may not schedule, or not what has this UID already.
        InvalidInputError: unknown bridge or rooms, a room twice, times that do not fit; all. What
            lies beyond where the actor may schedule is unknown too.
    """
    acting = actor.acting(Permission.CONFERENCE_SCHEDULE)
    bridge, rooms = check_meeting(session, actor, wanted, Permission.CONFERENCE_SCHEDULE)
    meeting = session.scalar(select(Meeting).where(Meeting.uid == wanted.uid))
    if meeting is not None and not scope.reaches(session, acting, meeting.scope_id):
        raise DeniedError(f"{actor.name} may not change the meeting {wanted.uid}")
    verb = "create" if meeting is None else "update"
    if meeting is None:
        meeting = Meeting(uid=wanted.uid)
        session.add(meeting)
    meeting.scope_id = bridge.scope_id
    meeting.title = wanted.title
    meeting.starts_at = wanted.starts_at
    meeting.ends_at = wanted.ends_at
    meeting.bridge_id = bridge.id
    meeting.call_kbps = wanted.call_kbps
    meeting.content_kbps = wanted.content_kbps
    meeting.state = MeetingState.CANCELLED if wanted.is_cancelled else MeetingState.PLANNED
    session.flush()
    _write_points(session, meeting, wanted, rooms)
    _book(session, actor, meeting, wanted, rooms)
    detail = {"uid": wanted.uid, "points": len(wanted.points)}
    audit.record(session, actor, f"meeting.{verb}", f"meeting/{meeting.id}", detail)
    return meeting.id


def check_meeting(
    session: AnySession, actor: Actor, wanted: MeetingInput, permission: Permission
) -> tuple[Bridge, dict[str, Room]]:
    """Return the bridge and the rooms of a meeting somebody asks for.

    Raises:
        DeniedError: the actor lacks `permission`.
        InvalidInputError: as `put_meeting`; all.
    """
    acting = actor.acting(permission)
    problems = _problems(wanted)
    within = scope.visible(acting, Bridge.scope_id)
    bridge = session.scalar(select(Bridge).where(Bridge.code == wanted.bridge, within))
    if bridge is None:
        fix = "Use the code of a bridge in the inventory."
        problems.append(Problem("meeting", "bridge", wanted.bridge, "there is no such bridge", fix))
    rooms = _rooms(session, acting, wanted, problems)
    if problems or bridge is None:
        raise InvalidInputError(problems)
    return bridge, rooms


def _problems(wanted: MeetingInput) -> list[Problem]:
    found = [
        Problem("meeting", field, "", "is empty", f"Give the meeting a {field}.")
        for field in ("uid", "title")
        if not getattr(wanted, field).strip()
    ]
    if wanted.ends_at <= wanted.starts_at:
        fix = "Let it end after it starts."
        value = wanted.ends_at.isoformat()
        found.append(Problem("meeting", "ends_at", value, "is not after starts_at", fix))
    if not wanted.points:
        fix = "Name the rooms that take part."
        found.append(Problem("meeting", "points", "", "are missing", fix))
    if wanted.call_kbps <= 0:
        fix = "Give the call rate in kbit/s, such as 2048."
        found.append(Problem("meeting", "call_kbps", str(wanted.call_kbps), "is no rate", fix))
    if wanted.content_kbps < 0:
        fix = "Give the rate of shared content in kbit/s, 0 for none."
        value = str(wanted.content_kbps)
        found.append(Problem("meeting", "content_kbps", value, "is no rate", fix))
    return found


def _rooms(
    session: AnySession, acting: Actor, wanted: MeetingInput, problems: list[Problem]
) -> dict[str, Room]:
    codes = [point.room for point in wanted.points]
    within = scope.visible(acting, Room.scope_id)
    rows = session.scalars(select(Room).where(Room.code.in_(codes), within))
    found = {room.code: room for room in rows}
    for number, code in enumerate(codes):
        if code not in found:
            field = f"points[{number}].room"
            problems.append(Problem("meeting", field, code, "there is no such room", _FIX_ROOM))
        elif code in codes[:number]:
            fix = "List each room once."
            problems.append(Problem("meeting", f"points[{number}].room", code, "stands twice", fix))
    return found


def _write_points(
    session: WriteSession, meeting: Meeting, wanted: MeetingInput, rooms: dict[str, Room]
) -> None:
    session.execute(delete(Point).where(Point.meeting_id == meeting.id))
    session.add_all(
        Point(
            meeting_id=meeting.id,
            room_id=rooms[point.room].id,
            role=point.role,
            required=point.required,
        )
        for point in wanted.points
    )
    session.flush()


def _book(
    session: WriteSession,
    actor: Actor,
    meeting: Meeting,
    wanted: MeetingInput,
    rooms: dict[str, Room],
) -> None:
    source = f"meeting/{wanted.uid}"
    calendar.cancel(session, source)
    if meeting.state == MeetingState.CANCELLED:
        return
    slugs = select(Site.slug).where(Site.id.in_({room.site_id for room in rooms.values()}))
    sites = session.scalars(slugs).all()
    on_the_way = ways.between(session, sites, meeting.bridge_id)
    elements = [f"bridge:{wanted.bridge}", *(f"site:{slug}" for slug in sites), *on_the_way]
    times = (wanted.starts_at, wanted.ends_at)
    for element in elements:
        calendar.book(session, element, *times, "meeting", source=source, title=wanted.title)


def _visible(actor: Actor) -> Select[Meeting, str, int]:
    acting = actor.acting(Permission.CONFERENCE_READ)
    count = (
        select(func.count())
        .where(Point.meeting_id == Meeting.id)
        .correlate(Meeting)
        .scalar_subquery()
    )
    return (
        select(Meeting, Bridge.code, count)
        .join(Bridge, Bridge.id == Meeting.bridge_id)
        .where(scope.visible(acting, Meeting.scope_id))
    )


MEETINGS: Final = Order(
    {
        "uid": Meeting.uid,
        "title": Meeting.title,
        "starts_at": Meeting.starts_at,
        "ends_at": Meeting.ends_at,
        "bridge": Bridge.code,
        "state": Meeting.state,
    },
    (Meeting.starts_at.asc(), Meeting.id.asc()),
)


def list_meetings(
    session: AnySession,
    actor: Actor,
    query: Query = FIRST_PAGE,
    *,
    ends_after: datetime | None = None,
) -> Page[MeetingRow]:
    """Return meetings, the next one first; those that ended before `ends_after` are left out.

    Raises:
        InvalidInputError: an unknown column to filter or sort by.
    """
    statement = _visible(actor)
    if ends_after is not None:
        statement = statement.where(Meeting.ends_at > ends_after)
    return fetch(session, statement, MEETINGS, query, _row)


def next_meeting(session: AnySession, actor: Actor) -> MeetingRow | None:
    """Return the meeting that runs now or comes next; None when none is planned."""
    planned = Query({"state": MeetingState.PLANNED}, limit=1)
    found = list_meetings(session, actor, planned, ends_after=clock.now())
    return next(iter(found.items), None)


def get_meeting(session: AnySession, actor: Actor, uid: str) -> MeetingRow:
    """Return one meeting; raises NotFoundError."""
    found = session.execute(_visible(actor).where(Meeting.uid == uid)).first()
    if found is None:
        raise NotFoundError(f"there is no meeting {uid}")
    return _row(*found)


def list_points(session: AnySession, actor: Actor, uid: str) -> list[PointRow]:
    """Return the meeting's points by room code; raises NotFoundError."""
    meeting = get_meeting(session, actor, uid)
    statement = (
        select(Point, Room, Site)
        .join(Room, Room.id == Point.room_id)
        .join(Site, Site.id == Room.site_id)
        .where(Point.meeting_id == meeting.id)
        .order_by(Room.code)
    )
    return [
        PointRow(
            room_id=room.id,
            room=room.code,
            name=room.name,
            site=site.slug,
            site_name=site.name,
            sip_uri=room.sip_uri,
            contact_phone=room.contact_phone,
            role=point.role,
            required=point.required,
            reflector=room.reflector,
        )
        for point, room, site in session.execute(statement)
    ]


def _row(meeting: Meeting, bridge: str, points: int) -> MeetingRow:
    return MeetingRow(
        id=meeting.id,
        uid=meeting.uid,
        title=meeting.title,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        bridge=bridge,
        call_kbps=meeting.call_kbps,
        state=meeting.state,
        points=points,
        content_kbps=meeting.content_kbps,
    )
