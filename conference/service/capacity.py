"""Checks that need no packet: do lines and bridge suffice at that hour, and does nobody work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conference.choices import Check, CheckResult
from conference.headroom import loads, need_bps
from conference.readiness import Outcome

if TYPE_CHECKING:
    from conference.lines import Load
    from conference.service.known import Known
    from conference.service.meetings import PointRow


def shared_loads(known: Known) -> list[Load]:
    """Return the load of every line of the meeting, in each direction."""
    ways = {point.room: known.ways.lines.get(point.site, ()) for point in known.points}
    return loads(ways, known.ways.by_key, known.need_bps, known.others.lines)


def headroom(known: Known) -> list[Outcome]:
    """Return whether each point's call fits through its lines, by itself and with all others."""
    by_room: dict[str, list[Load]] = {point.room: [] for point in known.points}
    for load in shared_loads(known):
        for room in load.points:
            by_room[room].append(load)
    return [
        outcome
        for room, own in by_room.items()
        for outcome in (_alone(known, room, own), _shared(room, own))
    ]


def _alone(known: Known, room: str, own: list[Load]) -> Outcome:
    """Return whether the way would hold this one call, were there no other point."""
    need = known.need_bps
    rated = [load for load in own if load.line.capacity_bps(load.direction) is not None]
    if not rated:
        counted = {"need_bps": need, "lines": len(own)}
        return Outcome(room, Check.HEADROOM, CheckResult.SKIP, "no rated line", counted)
    tightest = min(rated, key=_left)
    left = _left(tightest)
    measured = _measured(tightest) | {"need_bps": need}
    if left < need:
        cause = f"line {tightest.line.name}: {_mbps(need)} needed, {_mbps(left)} free"
        return Outcome(room, Check.HEADROOM, CheckResult.FAIL, cause, measured)
    unknown = next((load for load in rated if load.result is CheckResult.SKIP), None)
    if unknown is not None:
        cause = load_cause(unknown)
        return Outcome(room, Check.HEADROOM, CheckResult.SKIP, cause, _measured(unknown))
    return Outcome(room, Check.HEADROOM, CheckResult.PASS, measured=measured)


def _shared(room: str, own: list[Load]) -> Outcome:
    rated = [load for load in own if load.line.capacity_bps(load.direction) is not None]
    if not rated:
        return Outcome(room, Check.SHARED_HEADROOM, CheckResult.SKIP, "no rated line")
    for result in (CheckResult.FAIL, CheckResult.SKIP):
        for load in rated:
            if load.result is result:
                return Outcome(
                    room, Check.SHARED_HEADROOM, result, load_cause(load), _measured(load)
                )
    tightest = min(rated, key=lambda load: _left(load) - load.need_bps)
    return Outcome(room, Check.SHARED_HEADROOM, CheckResult.PASS, measured=_measured(tightest))


def load_cause(load: Load) -> str:
    """Return in words why a line does not suffice, or why nobody knows."""
    if load.result is CheckResult.SKIP:
        return f"line {load.line.name}: its usual load is not known"
    free = max(0.0, _left(load))
    return (
        f"line {load.line.name}: {_mbps(load.need_bps)} needed"
        f" for {len(load.points)} points, {_mbps(free)} free"
    )


def _left(load: Load) -> float:
    capacity = load.line.capacity_bps(load.direction) or 0
    return capacity - (load.line.usual_bps(load.direction) or 0) - load.reserved_bps


def _measured(load: Load) -> dict[str, object]:
    line = load.line
    return {
        "line": line.key,
        "direction": load.direction,
        "points": len(load.points),
        "need_bps": load.need_bps,
        "capacity_bps": line.capacity_bps(load.direction),
        "usual_bps": line.usual_bps(load.direction),
        "usual_weeks": line.weeks,
        "reserved_bps": load.reserved_bps,
        "free_bps": load.free_bps,
    }


def _mbps(bps: float) -> str:
    return f"{bps / 1e6:.1f} Mbit/s"


def bridge_capacity(known: Known) -> Outcome:
    """Return whether the bridge has ports and bandwidth at that hour, beside other meetings."""
    name = f"bridge {known.access.key}"
    ports = len(known.points)
    each = need_bps(known.meeting.call_kbps, known.meeting.content_kbps)
    bps = each * ports
    capacity = known.access.capacity_ports
    band = None if known.capacity_kbps is None else known.capacity_kbps * 1000
    measured = {
        "ports_needed": ports,
        "ports_taken": known.others.ports,
        "ports_total": capacity,
        "need_bps": bps,
        "reserved_bps": known.others.bridge_bps,
        "capacity_bps": band,
    }
    if capacity is None and band is None:
        cause = f"{name}: neither its ports nor its bandwidth is written down"
        return Outcome(None, Check.BRIDGE_CAPACITY, CheckResult.SKIP, cause, measured)
    if capacity is not None and ports + known.others.ports > capacity:
        free = max(0, capacity - known.others.ports)
        cause = f"{name}: {free} of {ports} ports free at that hour"
        return Outcome(None, Check.BRIDGE_CAPACITY, CheckResult.FAIL, cause, measured)
    if band is not None and bps + known.others.bridge_bps > band:
        free_bps = max(0, band - known.others.bridge_bps)
        cause = f"{name}: {_mbps(bps)} needed, {_mbps(free_bps)} free"
        return Outcome(None, Check.BRIDGE_CAPACITY, CheckResult.FAIL, cause, measured)
    return Outcome(None, Check.BRIDGE_CAPACITY, CheckResult.PASS, measured=measured)


def work(known: Known) -> list[Outcome]:
    """Return whether somebody works on a point's way while the meeting runs."""
    return [_work(known, point) for point in known.points]


def _work(known: Known, point: PointRow) -> Outcome:
    for element in known.way(point):
        what = known.work.get(element)
        if what is not None:
            measured = {"element": element}
            return Outcome(point.room, Check.WORK, CheckResult.WARN, what, measured)
    return Outcome(point.room, Check.WORK, CheckResult.PASS)
