"""What a circuit's measurements owe by its contract: pure arithmetic, exact to the second.

Of the time that the contract agrees on (its hours within the month, without announced work and
without what we shut down ourselves) some was measured as down and some was not measured at all:

* `availability_most` = 1 - down / agreed, as if all that was not measured had been up;
* `availability_least` = 1 - (down + unmeasured) / agreed, as if it had been down.

So a gap is never taken for one or the other. What is owed is judged by the first: that much can be
proven.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from alerts.conditions import health_of
from alerts.graph import Health
from alerts.spans import both, length, merged, without
from monitors.choices import Cause, ElementKind, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from alerts.spans import Span
    from hatang.settings.contracts import Contract
    from monitors.tracks import Stretch

NOT_KEPT: Final = "not_kept"
"""Why nothing is known of a time: what was measured is no longer kept."""
NOT_DRAWN: Final = "not_drawn"
"""Why nothing is known of a circuit: no cable is drawn over it."""


class Excluded(StrEnum):
    """Why some of an outage does not count; each moment for the first of these reasons."""

    OUTSIDE_HOURS = "outside_hours"
    CARRIER_MAINTENANCE = "carrier_maintenance"
    OWN_MAINTENANCE = "own_maintenance"
    SHUT = "shut"


@dataclass(frozen=True, slots=True)
class Line:
    """A circuit's month: when it was measured down, when we had shut it, when nothing is known.

    `unknown` has why. All merged and in order; what is in none of them was measured as up.
    """

    down: tuple[Span, ...] = ()
    shut: tuple[Span, ...] = ()
    unknown: tuple[tuple[Span, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Outage:
    """A circuit was down from `starts_at` to `ends_at`; `counted` of that is the carrier's."""

    starts_at: datetime
    ends_at: datetime
    counted: timedelta
    excluded: Mapping[Excluded, timedelta]


@dataclass(frozen=True, slots=True)
class Balance:
    """What a circuit's month comes to; shares are exact, None where no time was agreed on.

    `credit` and `credit_at_most` are percent of the month's fee, None where no formula is known:
    the first is what the measurements prove, the second counts every gap as down.
    """

    agreed: timedelta
    down: timedelta
    unmeasured: timedelta
    availability_least: Fraction | None
    availability_most: Fraction | None
    credit: float | None
    credit_at_most: float | None
    outages: tuple[Outage, ...] = ()
    gaps: tuple[tuple[Span, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Windows:
    """The agreed hours of a month, and announced work on the circuit."""

    hours: Sequence[Span]
    carrier: Sequence[Span] = field(default=())
    own: Sequence[Span] = field(default=())


def hours_of(contract: Contract | None, span: Span, zone: ZoneInfo) -> list[Span]:
    """Return the hours a contract holds in within `span`; without a contract all of them."""
    if contract is None:
        return merged([span])
    found = []
    day: date = span[0].astimezone(zone).date()
    while datetime.combine(day, time(), zone) < span[1]:
        if day.isoweekday() in contract.days:
            found.append((_clock(day, contract.begin, zone), _clock(day, contract.end, zone)))
        day += timedelta(days=1)
    return both(merged(found), [span])


def _clock(day: date, text: str, zone: ZoneInfo) -> datetime:
    if text == "24:00":
        return datetime.combine(day + timedelta(days=1), time(), zone)
    return datetime.combine(day, time.fromisoformat(text), zone)


def line(ends: Sequence[Sequence[Stretch]], span: Span, nothing: str) -> Line:
    """Return a circuit's month from the states of the ports it ends at, all through `span`.

    It is down while a port is bad, and up while all that are measured are good; else unknown. A
    port that flaps is neither. A port that is shut takes the other end down with it, so that
    time is ours. Without any port that was measured, `nothing` says why.
    """
    marks = sorted({at for end in ends for each in end for at in (each.starts_at, each.ends_at)})
    walks = [iter(end) for end in ends]
    now = [next(walk, None) for walk in walks]
    down: list[Span] = []
    shut: list[Span] = []
    unknown: list[tuple[Span, str]] = []
    for start, until in pairwise(marks):
        for index, walk in enumerate(walks):
            while (at := now[index]) is not None and at.ends_at <= start:
                now[index] = next(walk, None)
        state, why = _judged([each for each in now if each and each.starts_at <= start])
        if state is Health.BAD:
            (shut if why == Cause.ADMIN_DOWN else down).append((start, until))
        elif state is Health.UNKNOWN:
            unknown.append(((start, until), why))
    if not marks:
        unknown = [(span, nothing)]
    return Line(tuple(merged(down)), tuple(merged(shut)), tuple(_joined(unknown)))


def _judged(states: Iterable[Stretch]) -> tuple[Health, str]:
    found = [(_health(each), each.cause or NOT_KEPT) for each in states]
    bad = [cause for health, cause in found if health is Health.BAD]
    if bad:
        return Health.BAD, Cause.ADMIN_DOWN if Cause.ADMIN_DOWN in bad else bad[0]
    vague = [cause for health, cause in found if health is Health.UNKNOWN]
    if vague or not found:
        return Health.UNKNOWN, str(vague[0]) if vague else NOT_KEPT
    return Health.GOOD, ""


def _health(each: Stretch) -> Health:
    if each.state is State.DEGRADED and each.cause is None:
        return Health.UNKNOWN  # It may have been flapping.
    return health_of(ElementKind.INTERFACE, each.state, each.cause or "")


def _joined(unknown: Iterable[tuple[Span, str]]) -> list[tuple[Span, str]]:
    found: list[tuple[Span, str]] = []
    for (start, end), why in unknown:
        if found and found[-1][1] == why and found[-1][0][1] == start:
            found[-1] = ((found[-1][0][0], end), why)
        else:
            found.append(((start, end), why))
    return found


def balance(line: Line, windows: Windows, contract: Contract | None) -> Balance:
    """Return what a circuit's month comes to, and what is owed for it."""
    agreed = without(without(without(windows.hours, windows.carrier), windows.own), line.shut)
    down = both(line.down, agreed)
    gaps = [(span, why) for whole, why in line.unknown for span in both([whole], agreed)]
    total, lost = length(agreed), length(down)
    vague = sum((end - start for (start, end), _ in gaps), timedelta())
    most, least = _kept(lost, total), _kept(lost + vague, total)
    return Balance(
        agreed=total,
        down=lost,
        unmeasured=vague,
        availability_least=least,
        availability_most=most,
        credit=owed(contract, most),
        credit_at_most=owed(contract, least),
        outages=tuple(_outages(line, windows)),
        gaps=tuple(gaps),
    )


_TICK: Final = timedelta(microseconds=1)


def _kept(lost: timedelta, total: timedelta) -> Fraction | None:
    return 1 - Fraction(lost // _TICK, total // _TICK) if total else None


def owed(contract: Contract | None, availability: Fraction | None) -> float | None:
    """Return the percent of a month's fee owed for `availability`; None where no formula is known.

    The lowest tier that the availability is under counts; 0 when it is under none.
    """
    if contract is None or not contract.tiers or availability is None:
        return None
    reached = [tier.credit for tier in contract.tiers if availability < _share(tier.below)]
    return max(reached, default=0.0)


def _share(percent: float) -> Fraction:
    return Fraction(str(percent)) / 100


def _outages(line: Line, windows: Windows) -> Iterable[Outage]:
    for start, end in merged((*line.down, *line.shut)):
        left = [(start, end)]
        excluded = {}
        for reason, spans in (
            (Excluded.OUTSIDE_HOURS, without(left, windows.hours)),
            (Excluded.CARRIER_MAINTENANCE, windows.carrier),
            (Excluded.OWN_MAINTENANCE, windows.own),
            (Excluded.SHUT, line.shut),
        ):
            if lost := length(both(left, spans)):
                excluded[reason] = lost
            left = without(left, spans)
        yield Outage(start, end, length(left), excluded)
