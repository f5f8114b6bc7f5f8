"""From checks to an answer: which points will work, and whose fault it is when they will not.

Pure: what was measured comes in, verdicts go out. A check nobody could make leaves a point
`unknown`; twelve rooms under one dead uplink have one cause.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from conference.choices import Check, CheckResult, Readiness

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


# A line that was good a quarter of an hour ago says little of now.
FRESH_FOR: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One check of the bridge (`room` None) or of a room, with its cause when it failed."""

    room: str | None
    check: Check
    result: CheckResult
    cause: str = ""
    measured: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PointVerdict:
    """A room's readiness; `cause` names what stands in the way."""

    room: str
    verdict: Readiness
    cause: str


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause and how many points it keeps out."""

    name: str
    points: int


@dataclass(frozen=True, slots=True)
class MeetingVerdict:
    """The whole answer: `ready` of `total`, and the causes, the widest first."""

    verdict: Readiness
    ready: int
    total: int
    points: tuple[PointVerdict, ...]
    causes: tuple[Cause, ...]


def judge(
    rooms: Sequence[str], required: frozenset[str], outcomes: Sequence[Outcome]
) -> MeetingVerdict:
    """Judge a meeting of `rooms`; a room nothing was measured of is unknown."""
    bridge = [outcome for outcome in outcomes if outcome.room is None]
    of_room: dict[str, list[Outcome]] = {room: [] for room in rooms}
    for outcome in outcomes:
        if outcome.room in of_room:
            of_room[outcome.room].append(outcome)
    points = tuple(_point(room, own) for room, own in of_room.items())
    failed = [outcome for outcome in bridge if outcome.result is CheckResult.FAIL]
    weak = [outcome for outcome in bridge if outcome.result is CheckResult.WARN]
    ready = 0 if failed else sum(point.verdict is Readiness.READY for point in points)
    causes = _causes([outcome.cause for outcome in [*failed, *weak]], points)
    return MeetingVerdict(_overall(bridge, points, required), ready, len(points), points, causes)


def faded(found: MeetingVerdict) -> MeetingVerdict:
    """Return what is left of an answer that is too old: nothing of it counts as ready any more.

    What stood in the way then is still told.
    """
    points = tuple(
        replace(point, verdict=Readiness.UNKNOWN) if point.verdict is Readiness.READY else point
        for point in found.points
    )
    is_bad = found.verdict is Readiness.NOT_READY
    verdict = found.verdict if is_bad else Readiness.UNKNOWN
    return replace(found, verdict=verdict, ready=0, points=points)


# What a result makes of a point, the worst first; what is skipped makes nothing of it.
_VERDICTS: Final = (
    (CheckResult.FAIL, Readiness.NOT_READY),
    (CheckResult.UNKNOWN, Readiness.UNKNOWN),
    (CheckResult.WARN, Readiness.AT_RISK),
    (CheckResult.WAIVED, Readiness.AT_RISK),
    (CheckResult.PASS, Readiness.READY),
)


def _point(room: str, outcomes: Sequence[Outcome]) -> PointVerdict:
    for result, verdict in _VERDICTS:
        for outcome in outcomes:
            if outcome.result is result:
                return PointVerdict(room, verdict, outcome.cause)
    return PointVerdict(room, Readiness.UNKNOWN, "")


def _overall(
    bridge: Sequence[Outcome], points: Sequence[PointVerdict], required: frozenset[str]
) -> Readiness:
    results = {outcome.result for outcome in bridge}
    if CheckResult.FAIL in results:
        return Readiness.NOT_READY
    needed = {point.verdict for point in points if point.room in required}
    if Readiness.NOT_READY in needed:
        return Readiness.NOT_READY
    if not points or not bridge or CheckResult.UNKNOWN in results or Readiness.UNKNOWN in needed:
        return Readiness.UNKNOWN
    if CheckResult.WARN in results:
        return Readiness.AT_RISK
    everyone = {point.verdict for point in points}
    return Readiness.READY if everyone == {Readiness.READY} else Readiness.AT_RISK


def _causes(bridge: Sequence[str], points: Sequence[PointVerdict]) -> tuple[Cause, ...]:
    counted = Counter(point.cause for point in points if point.cause)
    counted.update(dict.fromkeys(bridge, len(points)))
    return tuple(Cause(name, count) for name, count in counted.most_common())
