"""The measured way of each point: in full an hour before, quickly later, never over a live call."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

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
    judge_echoes,
    judge_path,
    staggered,
)
from conference.readiness import Outcome
from hatang import clock
from inventory.models import Room
from monitors.echoes import Echoes, echoes
from monitors.paths import Measured, Sending, measure
from monitors.routertests import router_tests

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conference.lines import Line
    from conference.service.known import Known, Terms
    from conference.service.meetings import PointRow
    from hatang.db import AnySession

ICMP: Final = "icmp"
GOOD_FOR: Final = timedelta(minutes=90)
"""How long a full measurement stands: from T-60 min until the meeting has begun."""
WAIVED_NOTES: Final = frozenset({"waived", "waived_by"})
"""What a waiver leaves beside a measurement; it holds in its own meeting only."""
_ORDER: Final = (CheckResult.FAIL, CheckResult.WARN, CheckResult.UNKNOWN, CheckResult.SKIP,
                 CheckResult.PASS)  # fmt: skip


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
    """Return how each point's way is; of one in use, or that nothing can measure, nothing is known.

    Its reflector tells, or a router's own test; where neither is, echoes, which can only put it at
    risk. In a full look they are sent as well where the reflector is silent.
    """
    free = [point for point in known.points if not _in_use(known, point)]
    count = FULL_PACKETS if full else QUICK_PACKETS
    interval = FULL_INTERVAL_SECONDS if full else QUICK_INTERVAL_SECONDS
    tests = {one.room: known.tests[one.room] for one in free if one.room in known.tests}
    at = {one.room: _echoed_at(known, one) for one in free if one.reflector is None}
    stamps = [
        Sending(one.room, one.reflector, count, interval)
        for one in free
        if one.reflector is not None and one.room not in tests
    ]
    bursts = [Sending(room, "", count, interval, 0) for room, address in at.items() if address]
    lines = {point.room: _lines(known, point) for point in known.points}
    planned = staggered([*stamps, *bursts], lines)
    by_stamp, by_test, by_echo = await asyncio.gather(
        measure([one for one in planned if one.url], allow_local=allow_local),
        router_tests(tests),
        echoes(_bursts([one for one in planned if not one.url], at), allow_local=allow_local),
    )
    found = {**by_echo, **by_test, **by_stamp}
    silent = [one for one in free if full and _is_silent(by_stamp.get(one.room))]
    again = {one.room: _echoed_at(known, one) for one in silent}
    asked = [Sending(room, "", QUICK_PACKETS, QUICK_INTERVAL_SECONDS, 0)
             for room, address in again.items() if address]  # fmt: skip
    instead = await echoes(_bursts(staggered(asked, lines), again), allow_local=allow_local)
    return [
        outcome
        for point in known.points
        for outcome in _judged(
            point,
            _Found(found.get(point.room), instead.get(point.room), is_used=point not in free),
            before.get(point.room),
            terms,
        )
    ]


@dataclass(frozen=True, slots=True)
class _Found:
    """What was measured of a way, and echoes where that was silent; nothing of one in use."""

    way: Measured | None = None
    echoes: Measured | None = None
    is_used: bool = False


def _is_silent(found: Measured | None) -> bool:
    return found is not None and not found.received


def _bursts(planned: Sequence[Sending], at: Mapping[str, str]) -> list[Echoes]:
    return [
        Echoes(one.key, at[one.key], one.count, one.interval_seconds, one.after) for one in planned
    ]


def _echoed_at(known: Known, point: PointRow) -> str:
    """Return the address that echoes of a point go to: its own, else its site's router's."""
    for url in (point.sip_uri, *(one.url for one in known.endpoints.get(point.room, ()))):
        host = (url or "").rpartition("@")[2] if "@" in (url or "") else urlsplit(url or "").netloc
        with suppress(ValueError):
            return str(ip_address(urlsplit(f"//{host.partition(';')[0]}").hostname or ""))
    return known.routers.get(point.site, "")


def _lines(known: Known, point: PointRow) -> list[Line]:
    return [known.ways.by_key[key] for key in known.ways.lines.get(point.site, ())]


def _in_use(known: Known, point: PointRow) -> bool:
    """Whether a meeting, another or this one, runs over the point's way at this moment."""
    now = clock.now()
    if known.meeting.starts_at <= now < known.meeting.ends_at:
        return True
    return bool(known.others.live.intersection(known.way(point)))


def _judged(point: PointRow, found: _Found, last: Earlier | None, terms: Terms) -> list[Outcome]:
    way = found.way
    if way is None:
        cause = "a meeting runs over its lines" if found.is_used else "no reflector"
        unsent = Outcome(point.room, Check.QOS_DSCP, CheckResult.SKIP, cause)
        if last is None or not found.is_used:
            return [Outcome(point.room, Check.PATH, CheckResult.SKIP, cause), unsent]
        return [
            Outcome(point.room, Check.PATH, last.result, cause, {"full": last.measured}),
            unsent,
        ]
    judged = judge_echoes if way.method == ICMP else judge_path
    finding = judged(way, terms.limits)
    if finding.result is CheckResult.FAIL and found.echoes is not None and found.echoes.received:
        told = judge_echoes(found.echoes, terms.limits).measured
        finding = replace(finding, result=CheckResult.WARN, measured=finding.measured | {
            "echoes": told})  # fmt: skip
    result, measured = _with(finding, last)
    return [
        Outcome(point.room, Check.PATH, result, _cause(point, result, finding, way), measured),
        _dscp(point, way),
    ]


def _dscp(point: PointRow, way: Measured) -> Outcome:
    if way.method == ICMP:
        return Outcome(point.room, Check.QOS_DSCP, CheckResult.SKIP, "no reflector")
    dscp = judge_dscp(way)
    cause = f"{point.name}: DSCP {dscp.why}" if dscp.why else ""
    measured = dscp.measured | {"source": way.method}
    return Outcome(point.room, Check.QOS_DSCP, dscp.result, cause, measured)


def _with(finding: Finding, last: Earlier | None) -> tuple[CheckResult, dict[str, Any]]:
    """Return the worse of this finding and the last full one: a quick look only worsens it."""
    if last is None or finding.measured["n"] >= FULL_PACKETS:
        return finding.result, finding.measured
    too_few = finding.why == "loss" and finding.result in (CheckResult.UNKNOWN, CheckResult.SKIP)
    quick = CheckResult.PASS if too_few else finding.result
    result = min(quick, last.result, key=_ORDER.index)
    return result, finding.measured | {"full": last.measured}


def _cause(point: PointRow, result: CheckResult, finding: Finding, found: Measured) -> str:
    if result is CheckResult.PASS:
        return ""
    if finding.why == "loss" and result in (CheckResult.UNKNOWN, CheckResult.SKIP):
        return f"{point.name}: {found.sent} packets are too few to tell the loss"
    figures = {
        "loss": f"loss {found.loss_ratio or 0:.1%} of {found.sent}",
        "jitter": "jitter",
        "rtt": "round trip",
        "gap": f"nothing for {found.longest_gap_seconds or 0:.0f} s",
        "nothing_returns": "nothing comes back from the reflector",
        "no_echo": "no reflector, and no echo comes back",
        "untold": "its test tells no jitter",
        "old": "its test has not run lately",
        "": "as measured in full before",
    }
    return f"{point.name}: {figures.get(finding.why, finding.why)}"
