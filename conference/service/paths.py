"""The measured way of each point: in full an hour before, quickly later, never over a live call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from conference.choices import Check, CheckResult
from conference.models import ReadinessCheck, ReadinessRun
from conference.paths import (
    FULL_INTERVAL_SECONDS,
    FULL_PACKETS,
    QUICK_INTERVAL_SECONDS,
    QUICK_PACKETS,
    Finding,
    judge_dscp,
    judge_path,
    staggered,
)
from conference.readiness import Outcome
from hatang import clock
from inventory.models import Room
from monitors.paths import Measured, Sending, measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conference.lines import Line
    from conference.service.known import Known, Terms
    from conference.service.meetings import PointRow
    from hatang.db import AnySession

GOOD_FOR: Final = timedelta(minutes=90)
"""How long a full measurement stands: from T-60 min until the meeting has begun."""
WAIVED_NOTES: Final = frozenset({"waived", "waived_by"})
"""What a waiver leaves beside a measurement; it holds in its own meeting only."""
_ORDER: Final = (CheckResult.FAIL, CheckResult.WARN, CheckResult.UNKNOWN, CheckResult.PASS)


@dataclass(frozen=True, slots=True)
class Earlier:
    """The last full measurement of a room's way."""

    result: CheckResult
    measured: dict[str, Any]


def earlier(session: AnySession, rooms: Sequence[str]) -> dict[str, Earlier]:
    """Return the last full measurements of `rooms` that still stand, by room, as if none waived."""
    statement = (
        select(Room.code, ReadinessCheck.result, ReadinessCheck.measured)
        .join(Room, Room.id == ReadinessCheck.room_id)
        .join(ReadinessRun, ReadinessRun.id == ReadinessCheck.run_id)
        .where(ReadinessCheck.check == Check.PATH, Room.code.in_(rooms))
        .where(ReadinessRun.finished_at > clock.now() - GOOD_FOR)
        .order_by(ReadinessCheck.id)
    )
    return {
        code: Earlier(CheckResult(measured.get("waived", result)), _unwaived(measured))
        for code, result, measured in session.execute(statement)
        if (measured.get("n") or 0) >= FULL_PACKETS
    }


def _unwaived(measured: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in measured.items() if name not in WAIVED_NOTES}


async def paths(
    known: Known, before: Mapping[str, Earlier], terms: Terms, *, full: bool, allow_local: bool
) -> list[Outcome]:
    """Return how each point's way is; those without a reflector, or in use, are not measured."""
    sendings = [
        Sending(
            point.room,
            point.reflector,
            FULL_PACKETS if full else QUICK_PACKETS,
            FULL_INTERVAL_SECONDS if full else QUICK_INTERVAL_SECONDS,
        )
        for point in known.points
        if point.reflector is not None and not _in_use(known, point)
    ]
    lines = {point.room: _lines(known, point) for point in known.points}
    found = await measure(staggered(sendings, lines), allow_local=allow_local)
    return [
        outcome
        for point in known.points
        for outcome in _judged(known, point, found.get(point.room), before, terms)
    ]


def _lines(known: Known, point: PointRow) -> list[Line]:
    return [known.ways.by_key[key] for key in known.ways.lines.get(point.site, ())]


def _in_use(known: Known, point: PointRow) -> bool:
    """Whether a meeting, another or this one, runs over the point's way at this moment."""
    now = clock.now()
    if known.meeting.starts_at <= now < known.meeting.ends_at:
        return True
    return bool(known.others.live.intersection(known.way(point)))


def _judged(
    known: Known,
    point: PointRow,
    found: Measured | None,
    before: Mapping[str, Earlier],
    terms: Terms,
) -> list[Outcome]:
    if point.reflector is None:
        cause = "no reflector"
        return [
            Outcome(point.room, check, CheckResult.SKIP, cause)
            for check in (Check.PATH, Check.QOS_DSCP)
        ]
    last = before.get(point.room)
    if found is None:
        cause = "a meeting runs over its lines"
        unsent = Outcome(point.room, Check.QOS_DSCP, CheckResult.SKIP, cause)
        if last is None:
            return [Outcome(point.room, Check.PATH, CheckResult.SKIP, cause), unsent]
        return [
            Outcome(point.room, Check.PATH, last.result, cause, {"full": last.measured}),
            unsent,
        ]
    finding = judge_path(found, terms.limits)
    result, measured = _with(finding, last)
    dscp = judge_dscp(found)
    return [
        Outcome(point.room, Check.PATH, result, _cause(point, result, finding, found), measured),
        Outcome(
            point.room,
            Check.QOS_DSCP,
            dscp.result,
            f"{point.name}: DSCP {dscp.why}" if dscp.why else "",
            dscp.measured,
        ),
    ]


def _with(finding: Finding, last: Earlier | None) -> tuple[CheckResult, dict[str, Any]]:
    """Return the worse of this finding and the last full one: a quick look only worsens it."""
    if last is None or finding.measured["n"] >= FULL_PACKETS:
        return finding.result, finding.measured
    quick = CheckResult.PASS if finding.why == "loss" and finding.result is CheckResult.UNKNOWN \
        else finding.result  # fmt: skip
    result = min(quick, last.result, key=_ORDER.index)
    return result, finding.measured | {"full": last.measured}


def _cause(point: PointRow, result: CheckResult, finding: Finding, found: Measured) -> str:
    if result is CheckResult.PASS:
        return ""
    if finding.why == "loss" and result is CheckResult.UNKNOWN:
        return f"{point.name}: {found.sent} packets are too few to tell the loss"
    figures = {
        "loss": f"loss {found.loss_ratio or 0:.1%} of {found.sent}",
        "jitter": "jitter",
        "rtt": "round trip",
        "gap": f"nothing for {found.longest_gap_seconds:.0f} s",
        "nothing_returns": "nothing comes back from the reflector",
        "": "as measured in full before",
    }
    return f"{point.name}: {figures.get(finding.why, finding.why)}"
