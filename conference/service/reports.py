"""Readiness runs: written whole, read back as the answer people wait for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from conference.choices import Check, CheckResult, Trigger
from conference.models import ReadinessCheck, ReadinessRun
from conference.readiness import FRESH_FOR, MeetingVerdict, Outcome, faded, judge
from conference.service.meetings import MeetingRow, get_meeting, list_points
from hatang import audit, clock, events
from inventory.models import Room

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check; `room` is None for the bridge's."""

    room: str | None
    check: str
    result: str
    cause: str
    measured: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReadinessReport:
    """The newest answer about a meeting; `verdict` is unknown when nobody has looked yet.

    One that is stale is told with its age, and counts no point as ready.
    """

    meeting: MeetingRow
    verdict: MeetingVerdict
    checks: tuple[CheckRow, ...]
    finished_at: datetime | None
    age_seconds: float | None = None
    is_stale: bool = False
    trigger: str = ""

    @property
    def not_looked_at(self) -> dict[str, int]:
        """How many points each check could not be made of; none of them passed it."""
        skipped = (row.check for row in self.checks if row.result == CheckResult.SKIP)
        return dict(sorted(Counter(skipped).items()))


@dataclass(frozen=True, slots=True)
class Run:
    """What a run came to."""

    started_at: datetime
    trigger: Trigger
    verdict: MeetingVerdict
    outcomes: Sequence[Outcome]


def write_run(session: WriteSession, actor: Actor, meeting: MeetingRow, found: Run) -> int:
    """Keep a run with all its checks; returns its id."""
    verdict, outcomes = found.verdict, found.outcomes
    run = ReadinessRun(
        meeting_id=meeting.id,
        trigger=found.trigger,
        started_at=found.started_at,
        finished_at=clock.now(),
        verdict=verdict.verdict,
        ready=verdict.ready,
        total=verdict.total,
    )
    session.add(run)
    session.flush()
    codes = [outcome.room for outcome in outcomes if outcome.room is not None]
    rooms = dict(session.execute(select(Room.code, Room.id).where(Room.code.in_(codes))).all())
    session.add_all(
        ReadinessCheck(
            run_id=run.id,
            room_id=None if outcome.room is None else rooms[outcome.room],
            check=outcome.check,
            result=outcome.result,
            cause=outcome.cause[:255],
            measured=dict(outcome.measured),
        )
        for outcome in outcomes
    )
    detail = {
        "trigger": found.trigger,
        "verdict": verdict.verdict,
        "ready": verdict.ready,
        "total": verdict.total,
    }
    events.publish(session, "conference.readiness", f"meeting/{meeting.uid}", detail)
    audit.record(session, actor, "meeting.check", f"meeting/{meeting.id}", detail)
    return run.id


def latest_readiness(session: AnySession, actor: Actor, uid: str) -> ReadinessReport:
    """Return the newest answer about the meeting; raises NotFoundError without such a meeting."""
    meeting = get_meeting(session, actor, uid)
    run = session.scalar(
        select(ReadinessRun)
        .where(ReadinessRun.meeting_id == meeting.id)
        .order_by(ReadinessRun.id.desc())
        .limit(1)
    )
    return report_of(session, actor, uid, run)


def report_of(
    session: AnySession, actor: Actor, uid: str, run: ReadinessRun | None
) -> ReadinessReport:
    """Return what a run answered, unknown without one; raises NotFoundError."""
    meeting = get_meeting(session, actor, uid)
    points = list_points(session, actor, uid)
    rooms = [point.room for point in points]
    required = frozenset(point.room for point in points if point.required)
    if run is None:
        return ReadinessReport(meeting, judge(rooms, required, []), (), None)
    checks = tuple(
        CheckRow(code, row.check, row.result, row.cause, row.measured)
        for row, code in session.execute(
            select(ReadinessCheck, Room.code)
            .outerjoin(Room, Room.id == ReadinessCheck.room_id)
            .where(ReadinessCheck.run_id == run.id)
            .order_by(ReadinessCheck.id)
        )
    )
    verdict = judge(rooms, required, [_outcome(row) for row in checks])
    age = clock.now() - run.finished_at
    is_stale = age > FRESH_FOR
    return ReadinessReport(
        meeting=meeting,
        verdict=faded(verdict) if is_stale else verdict,
        checks=checks,
        finished_at=run.finished_at,
        age_seconds=age.total_seconds(),
        is_stale=is_stale,
        trigger=run.trigger,
    )


def _outcome(row: CheckRow) -> Outcome:
    return Outcome(row.room, Check(row.check), CheckResult(row.result), row.cause, row.measured)
