"""Meetings taken from a calendar, and given as one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

import conference
from conference.addresses import sip_user
from conference.choices import MeetingState
from conference.models import Meeting, Point
from conference.service.meetings import (
    DEFAULT_CALL_KBPS,
    MeetingInput,
    PointInput,
    list_meetings,
    put_meeting,
)
from hatang import clock, scope
from hatang.auth import Permission
from hatang.errors import InvalidInputError, Problem
from inventory.models import Room
from inventory.rows import EVERYTHING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession


@dataclass(frozen=True, slots=True)
class Imported:
    """The meetings that were put, by their UID."""

    uids: tuple[str, ...]


def import_calendar(
    session: WriteSession, actor: Actor, text: bytes, zone: ZoneInfo, bridge: str = ""
) -> Imported:
    """Put every meeting of a calendar, or none; `bridge` is of those that name none.

    An attendee or resource is a room by its SIP address or its code; who is neither is an error.

    Raises:
        DeniedError: the actor may not schedule.
        InvalidInputError: anything of it is wrong; all, each with its event.
    """
    acting = actor.acting(Permission.CONFERENCE_SCHEDULE)
    entries = conference.calendars.read(text, clock.now(), zone)
    rooms = _rooms(session, acting)
    problems: list[Problem] = []
    for entry in entries:
        try:
            put_meeting(session, actor, _wanted(entry, rooms, bridge))
        except InvalidInputError as error:
            problems += [replace(one, where=entry.where) for one in error.problems]
    if problems:
        raise InvalidInputError(list(dict.fromkeys(problems)))
    return Imported(tuple(entry.uid for entry in entries))


def _rooms(session: AnySession, acting: Actor) -> dict[str, str]:
    """Return room codes by what may stand for them in a calendar."""
    statement = select(Room.code, Room.sip_uri).where(scope.visible(acting, Room.scope_id))
    found = {}
    for code, uri in session.execute(statement):
        found[code] = code
        if (user := sip_user(uri)) is not None:
            found[user] = code
    return found


def _wanted(entry: conference.calendars.Entry, rooms: dict[str, str], bridge: str) -> MeetingInput:
    codes = dict.fromkeys(rooms.get(_name(one), _name(one)) for one in entry.people)
    return MeetingInput(
        uid=entry.uid,
        title=entry.title,
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        bridge=entry.bridge or bridge,
        points=[PointInput(code) for code in codes],
        call_kbps=entry.call_kbps or DEFAULT_CALL_KBPS,
        is_cancelled=entry.is_cancelled,
    )


def _name(person: str) -> str:
    """Return what an attendee is called: a SIP address, or what stands before the @ of a mail."""
    if person.lower().startswith("mailto:"):
        return person[7:].partition("@")[0]
    return sip_user(person) or person


def export_calendar(session: AnySession, actor: Actor) -> bytes:
    """Return the meetings that are not over as a calendar, cancelled ones too."""
    now = clock.now()
    rows = list_meetings(session, actor, EVERYTHING, ends_after=now).items
    points: dict[int, list[str]] = {row.id: [] for row in rows}
    statement = (
        select(Point.meeting_id, Room.code)
        .join(Room, Room.id == Point.room_id)
        .join(Meeting, Meeting.id == Point.meeting_id)
        .where(Meeting.ends_at > now)
        .order_by(Room.code)
    )
    for meeting, code in session.execute(statement):
        if meeting in points:
            points[meeting].append(code)
    entries = [
        conference.calendars.Entry(
            where="",
            uid=row.uid,
            title=row.title,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            is_cancelled=row.state == MeetingState.CANCELLED,
            bridge=row.bridge,
            call_kbps=row.call_kbps,
            people=tuple(points[row.id]),
        )
        for row in rows
    ]
    return conference.calendars.write(entries, now)
