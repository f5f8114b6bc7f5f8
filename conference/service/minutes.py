"""The minutes of a meeting: who was there, how long and how well heard, and what was found before.

A minute of which nothing was measured counts in no band; that it is missing shows.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from conference import quality
from conference.choices import Quality, Readiness
from conference.models import Participant, ReadinessRun, Window
from conference.service.meetings import get_meeting, list_points
from conference.service.reports import report_of
from conference.service.waivers import list_waivers
from hatang import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.auth import Actor
    from hatang.db import AnySession


@dataclass(frozen=True, slots=True)
class PointMinutes:
    """A point in the minutes; times are aware, `seconds_by_quality` of what was heard of it."""

    room: str
    name: str
    site_name: str
    role: str
    required: bool
    joined_at: datetime | None
    left_at: datetime | None
    present_seconds: float
    drops: int
    seconds_by_quality: dict[str, int]
    worst_loss_ratio: float | None
    worst_at: datetime | None
    readiness: str
    cause: str


@dataclass(frozen=True, slots=True)
class Minutes:
    """The minutes; `sha256` is of their canonical JSON without it."""

    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    bridge: str
    invited: int
    attended: int
    points: tuple[PointMinutes, ...]
    strangers: tuple[str, ...]
    waivers: tuple[dict[str, Any], ...]
    checked_at: datetime | None
    sha256: str = ""


def minutes(session: AnySession, actor: Actor, uid: str) -> Minutes:
    """Return the minutes as far as they can be told now; raises NotFoundError."""
    meeting = get_meeting(session, actor, uid)
    calls: dict[int | None, list[Participant]] = defaultdict(list)
    statement = select(Participant).where(Participant.meeting_id == meeting.id)
    for row in session.scalars(statement.order_by(Participant.joined_at, Participant.id)):
        calls[row.room_id].append(row)
    before = session.scalar(
        select(ReadinessRun)
        .where(ReadinessRun.meeting_id == meeting.id)
        .where(ReadinessRun.started_at < meeting.starts_at)
        .order_by(ReadinessRun.id.desc())
        .limit(1)
    )
    report = None if before is None else report_of(session, actor, uid, before)
    verdicts = {} if report is None else {one.room: one for one in report.verdict.points}
    until = min(clock.now(), meeting.ends_at)
    points = []
    for point in list_points(session, actor, uid):
        own = calls.get(point.room_id, [])
        heard = _heard(session, [row.id for row in own])
        verdict = verdicts.get(point.room)
        poorest = max(heard.lost, default=None)
        points.append(
            PointMinutes(
                room=point.room,
                name=point.name,
                site_name=point.site_name,
                role=point.role,
                required=point.required,
                joined_at=own[0].joined_at if own else None,
                left_at=own[-1].left_at if own else None,
                present_seconds=sum(_present(row, until).total_seconds() for row in own),
                drops=max(0, len(own) - 1),
                seconds_by_quality=heard.seconds,
                worst_loss_ratio=None if poorest is None else poorest[0],
                worst_at=None if poorest is None else poorest[1],
                readiness=Readiness.UNKNOWN if verdict is None else verdict.verdict,
                cause="" if verdict is None else verdict.cause,
            )
        )
    found = Minutes(
        uid=meeting.uid,
        title=meeting.title,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        bridge=meeting.bridge,
        invited=len(points),
        attended=sum(one.joined_at is not None for one in points),
        points=tuple(points),
        strangers=tuple(dict.fromkeys(row.display_name for row in calls.get(None, []))),
        waivers=tuple(asdict(one) for one in list_waivers(session, actor, uid)),
        checked_at=None if before is None else before.finished_at,
    )
    return Minutes(**{**_fields(found), "sha256": digest(found)})


def _fields(found: Minutes) -> dict[str, Any]:
    return {name: getattr(found, name) for name in Minutes.__dataclass_fields__}


def digest(found: Minutes) -> str:
    """Return the SHA-256 of the minutes' canonical JSON, by which a copy is proven."""
    told = asdict(found)
    del told["sha256"]
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _present(row: Participant, until: datetime) -> timedelta:
    return max(timedelta(), (row.left_at or until) - row.joined_at)


@dataclass(frozen=True, slots=True)
class _Heard:
    seconds: dict[str, int]
    lost: tuple[tuple[float, datetime], ...]


def _heard(session: AnySession, people: Sequence[int]) -> _Heard:
    moments: dict[datetime, list[Quality]] = defaultdict(list)
    lost = []
    statement = select(Window.at, Window.quality, Window.loss_ratio)
    for at, band, loss in session.execute(statement.where(Window.participant_id.in_(people))):
        moments[at].append(Quality(band))
        if loss is not None:
            lost.append((loss, at))
    seconds = dict.fromkeys((str(one) for one in quality.ORDER), 0)
    for bands in moments.values():
        seconds[quality.worst(bands)] += quality.WINDOW_SECONDS
    return _Heard(seconds, tuple(lost))
