"""Somebody answers by name for what does not pass at a point of one meeting, until a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select

from conference.models import Meeting, Point, Waiver
from conference.service.meetings import get_meeting
from hatang import audit, clock, scope
from hatang.auth import Permission
from hatang.errors import DeniedError, InvalidInputError, NotFoundError, Problem
from inventory.models import Room

if TYPE_CHECKING:
    from datetime import datetime

    from conference.choices import Check
    from conference.service.meetings import MeetingRow
    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession

MAX_REASON: Final = 1_000


@dataclass(frozen=True, slots=True)
class WaiverInput:
    """What somebody answers for, why, and until when."""

    room: str
    check: Check
    reason: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class WaiverRow:
    """A waiver as it was given; past ones are kept, for the minutes."""

    room: str
    check: str
    reason: str
    actor: str
    created_at: datetime
    expires_at: datetime


def put_waiver(session: WriteSession, actor: Actor, uid: str, wanted: WaiverInput) -> None:
    """Waive a check of a point; the one before for the same is replaced.

    Raises:
        DeniedError: the actor may not operate this meeting.
        InvalidInputError: no such point, no reason, or it ends before now or long after the
            meeting; all.
        NotFoundError: there is no such meeting.
    """
    meeting = _operated(session, actor, uid)
    room_id = session.scalar(
        select(Room.id)
        .join(Point, Point.room_id == Room.id)
        .where(Point.meeting_id == meeting.id, Room.code == wanted.room)
    )
    problems = _problems(wanted, meeting.ends_at)
    if room_id is None:
        fix = "Use the code of a room that takes part."
        problems.append(Problem("waiver", "room", wanted.room, "is no point of the meeting", fix))
    if problems or room_id is None:
        raise InvalidInputError(problems)
    held = (Waiver.meeting_id == meeting.id, Waiver.room_id == room_id)
    session.execute(delete(Waiver).where(*held, Waiver.check == wanted.check))
    session.add(
        Waiver(
            meeting_id=meeting.id,
            room_id=room_id,
            check=wanted.check,
            reason=wanted.reason.strip(),
            actor=actor.name,
            created_at=clock.now(),
            expires_at=wanted.expires_at,
        )
    )
    detail = {
        "room": wanted.room,
        "check": wanted.check,
        "reason": wanted.reason.strip(),
        "expires_at": wanted.expires_at.isoformat(),
    }
    audit.record(session, actor, "meeting.waive", f"meeting/{meeting.id}", detail)


def _operated(session: AnySession, actor: Actor, uid: str) -> MeetingRow:
    """Return the meeting, where the actor may operate it and not only see it."""
    acting = actor.acting(Permission.CONFERENCE_OPERATE)
    meeting = get_meeting(session, actor, uid)
    scope_id = session.scalar(select(Meeting.scope_id).where(Meeting.id == meeting.id))
    if not scope.reaches(session, acting, scope_id):
        raise DeniedError(f"{actor.name} may not operate the meeting {uid}")
    return meeting


def _problems(wanted: WaiverInput, ends_at: datetime) -> list[Problem]:
    found = []
    if not 0 < len(wanted.reason.strip()) <= MAX_REASON:
        fix = "Say why the meeting goes on without it, in at most 1000 characters."
        found.append(Problem("waiver", "reason", "", "is no reason", fix))
    shown = wanted.expires_at.isoformat()
    if wanted.expires_at <= clock.now():
        found.append(Problem("waiver", "expires_at", shown, "is over", "Give a later time."))
    elif wanted.expires_at > ends_at:
        fix = "End it with the meeting at the latest."
        found.append(Problem("waiver", "expires_at", shown, "outlasts the meeting", fix))
    return found


def list_waivers(session: AnySession, actor: Actor, uid: str) -> list[WaiverRow]:
    """Return the meeting's waivers, those that expired too; raises NotFoundError."""
    meeting = get_meeting(session, actor, uid)
    statement = (
        select(Waiver, Room.code)
        .join(Room, Room.id == Waiver.room_id)
        .where(Waiver.meeting_id == meeting.id)
        .order_by(Room.code, Waiver.check)
    )
    return [
        WaiverRow(code, row.check, row.reason, row.actor, row.created_at, row.expires_at)
        for row, code in session.execute(statement)
    ]


def withdraw_waiver(session: WriteSession, actor: Actor, uid: str, room: str, check: Check) -> None:
    """Take a waiver back.

    Raises:
        DeniedError: the actor may not operate this meeting.
        NotFoundError: there is no such meeting or waiver.
    """
    meeting = _operated(session, actor, uid)
    rooms = select(Room.id).where(Room.code == room)
    gone = session.execute(
        delete(Waiver)
        .where(Waiver.meeting_id == meeting.id, Waiver.check == check)
        .where(Waiver.room_id.in_(rooms))
        .returning(Waiver.id)
    ).all()
    if not gone:
        raise NotFoundError(f"nothing is waived for {room}: {check}")
    detail = {"room": room, "check": check}
    audit.record(session, actor, "meeting.unwaive", f"meeting/{meeting.id}", detail)


def active(session: AnySession, meeting_id: int) -> dict[tuple[str, str], str]:
    """Return who answers, by room and check, of the waivers that hold now."""
    statement = (
        select(Room.code, Waiver.check, Waiver.actor)
        .join(Room, Room.id == Waiver.room_id)
        .where(Waiver.meeting_id == meeting_id, Waiver.expires_at > clock.now())
    )
    return {(code, check): name for code, check, name in session.execute(statement)}
