"""The minutes of a meeting: who was there, how long and how well heard, and what was found before.

A minute of which nothing was measured counts in no band; that it is missing shows.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import case, func, select

from conference import presence, quality
from conference.choices import Readiness
from conference.models import Participant, ReadinessRun, Window
from conference.service import happened
from conference.service.meetings import get_meeting, list_points
from conference.service.reports import report_of
from conference.service.waivers import list_waivers
from hatang import clock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from conference.service.meetings import PointRow
    from hatang.auth import Actor
    from hatang.db import AnySession


@dataclass(frozen=True, slots=True)
class PointMinutes:
    """A point in the minutes; times are aware, `seconds_by_quality` of what was heard of it.

    `readiness` and `cause` are what was found before; `before` and `after` what was measured of its
    way, None where nothing was; `incidents` what broke on its way, or at it, meanwhile.
    """

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
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    incidents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Minutes:
    """The minutes; `sha256` is of their canonical JSON without it and incidents."""

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
    checked_after_at: datetime | None = None
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
    bands, worst = _bands(session, meeting.id), _worst(session, meeting.id)
    after = happened.run_after(session, meeting)
    measured = happened.measured(session, before), happened.measured(session, after)
    invited = list_points(session, actor, uid)
    broken = happened.incidents(session, actor, meeting, invited)
    points = [
        replace(
            _point(
                point,
                calls.get(point.room_id, []),
                until,
                _of_all(bands.get(point.room_id, {})),
                worst,
            ),
            readiness=verdicts[point.room].verdict if point.room in verdicts else _NOT_LOOKED_AT,
            cause=verdicts[point.room].cause if point.room in verdicts else "",
            before=measured[0].get(point.room_id),
            after=measured[1].get(point.room_id),
            incidents=broken.get(point.room, ()),
        )
        for point in invited
    ]
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
        checked_after_at=None if after is None else after.finished_at,
    )
    return Minutes(**{**_fields(found), "sha256": digest(found)})


_NOT_LOOKED_AT: Final = str(Readiness.UNKNOWN)


def _point(
    point: PointRow,
    own: Sequence[Participant],
    until: datetime,
    seconds: dict[str, int],
    worst: Mapping[int, tuple[float, datetime]],
) -> PointMinutes:
    """Return when a point was there, and how it was heard."""
    was_in = presence.spans(((row.joined_at, row.left_at) for row in own), until)
    is_over = all(row.left_at is not None for row in own)
    poorest = max((worst[row.id] for row in own if row.id in worst), default=None)
    return PointMinutes(
        room=point.room,
        name=point.name,
        site_name=point.site_name,
        role=point.role,
        required=point.required,
        joined_at=own[0].joined_at if own else None,
        left_at=was_in[-1][1] if was_in and is_over else None,
        present_seconds=presence.seconds(was_in),
        drops=presence.drops(was_in),
        seconds_by_quality=seconds,
        worst_loss_ratio=None if poorest is None else poorest[0],
        worst_at=None if poorest is None else poorest[1],
        readiness=_NOT_LOOKED_AT,
        cause="",
    )


def _fields(found: Minutes) -> dict[str, Any]:
    return {name: getattr(found, name) for name in Minutes.__dataclass_fields__}


def digest(found: Minutes) -> str:
    """Return the SHA-256 of the minutes' canonical JSON, by which a copy is proven.

    Incidents are not in it: who may know of fewer reads the same minutes.
    """
    told = asdict(found)
    del told["sha256"]
    for point in told["points"]:
        del point["incidents"]
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _of_all(found: dict[str, int]) -> dict[str, int]:
    """Return the seconds in each band, 0 where there was none."""
    return {str(band): found.get(band, 0) for band in quality.ORDER}


def _bands(session: AnySession, meeting_id: int) -> dict[int | None, dict[str, int]]:
    """Return each room's seconds by the worst band of a moment's streams."""
    rank = case({str(band): number for number, band in enumerate(quality.ORDER)},
                value=Window.quality)  # fmt: skip
    moments = (
        select(Participant.room_id, func.max(rank).label("rank"))
        .join(Participant, Participant.id == Window.participant_id)
        .where(Participant.meeting_id == meeting_id)
        .group_by(Participant.room_id, Window.at)
        .subquery()
    )
    counted = select(moments.c.room_id, moments.c.rank, func.count()).group_by(
        moments.c.room_id, moments.c.rank
    )
    found: dict[int | None, dict[str, int]] = defaultdict(dict)
    for room, number, count in session.execute(counted):
        found[room][quality.ORDER[number]] = count * quality.WINDOW_SECONDS
    return found


def _worst(session: AnySession, meeting_id: int) -> dict[int, tuple[float, datetime]]:
    """Return each participant's greatest loss of a window, and when that was first."""
    most = (
        select(Window.participant_id, func.max(Window.loss_ratio).label("loss"))
        .join(Participant, Participant.id == Window.participant_id)
        .where(Participant.meeting_id == meeting_id)
        .group_by(Window.participant_id)
        .subquery()
    )
    statement = (
        select(Window.participant_id, Window.loss_ratio, func.min(Window.at))
        .join(
            most,
            (most.c.participant_id == Window.participant_id) & (most.c.loss == Window.loss_ratio),
        )
        .group_by(Window.participant_id, Window.loss_ratio)
    )
    found = session.execute(statement)
    return {person: (loss, at) for person, loss, at in found if loss is not None}
