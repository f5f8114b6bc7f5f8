"""A carrier's outage, inferred: circuits that fail together at several places have one cause.

Nothing measures a carrier. Its outage becomes a fault like any other: circuits and the devices
behind them need it while it lasts, so that it explains them and takes over what was told of one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, Final

from alerts.correlation import Fault, Shared, Situation, shape_of
from alerts.graph import Health

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, timedelta

    from alerts.correlation import Book, OpenIncident
    from alerts.graph import Cut, Graph, Line

CARRIER: Final = "provider:"
ALERT: Final = "CarrierOutage"
SUSPICIOUS: Final = 2
"""At so many places circuits of one carrier fail together, and it is waited whether more do."""


@dataclass(frozen=True, slots=True)
class _Failed:
    """A fault that the loss of `lines`, all of one carrier, is enough to explain."""

    fault: Fault
    lines: frozenset[str]
    place: str


@dataclass(frozen=True, slots=True)
class _Carrier:
    """What fails of one carrier now, and how many of its circuits could be seen to."""

    name: str
    failed: tuple[_Failed, ...]
    visible: int


def joined(situation: Situation, book: Book) -> Situation:
    """Return `situation` with the carriers that are out as faults, and what waits for one."""
    lines = situation.graph.lines
    announced = {each.fault: each for each in book.incidents if each.fault.startswith(CARRIER)}
    if not lines:
        return situation
    shape = shape_of(situation)
    failed = _failed(situation, shape)
    graph, faults = situation.graph, dict(situation.faults)
    evidence: dict[str, frozenset[str]] = {}
    around: dict[str, frozenset[str]] = {}
    until: dict[str, datetime] = {}
    told = frozenset(each.fault for each in book.incidents)
    known = situation.shared
    for name in sorted(failed.keys() | announced.keys()):
        carrier = _Carrier(name, tuple(failed.get(name, ())), _visible(situation, shape, name))
        parts = _parts(situation, carrier, announced.get(name), told)
        if not parts:
            until |= _waiting(situation, carrier)
            continue
        evidence[name] = parts
        if name not in announced:
            around[name] = _ends(situation, carrier)
        faults[name] = _outage(situation, name, parts)
        if faults[name].health is Health.BAD:
            hit = {situation.faults[key].element for key in parts if key in situation.faults}
            graph = graph.needing(name, hit | _circuits(carrier, parts, lines))
    is_same = graph is situation.graph
    shared = Shared(
        {**known.evidence, **evidence},
        {**known.around, **around},
        {**known.until, **until},
        shape if is_same else None,
        known.unpowered,
    )
    return replace(situation, graph=graph, faults=faults, shared=shared)


def _failed(situation: Situation, shape: Cut) -> dict[str, list[_Failed]]:
    """Return by carrier the faults that nothing upstream explains but one carrier's circuits do."""
    found: defaultdict[str, list[_Failed]] = defaultdict(list)
    lines = situation.graph.lines
    for key, fault in situation.faults.items():
        if not fault.blocks or fault.health is not Health.BAD or shape.explained(fault.element):
            continue
        if situation.in_maintenance & {key, fault.element}:
            continue
        if fault.element in situation.shared.unpowered:
            continue
        if fault.element in situation.graph.ends and not _is_alone(shape, fault.element):
            continue
        lost = _lines_to(situation.graph, situation.faults, fault.element)
        carriers = {lines[each].carrier for each in lost or ()}
        if lost and len(carriers) == 1:
            info = situation.graph.info.get(fault.element)
            place = (info.site if info else "") or fault.element
            found[carriers.pop()].append(_Failed(fault, lost, place))
    return found


def _is_alone(shape: Cut, element: str) -> bool:
    return shape.roots.get(element, frozenset()) == {element}


def _lines_to(
    graph: Graph, measured: Mapping[str, object], element: str, trail: frozenset[str] = frozenset()
) -> frozenset[str] | None:
    """Return the carriers' links whose loss together takes `element`; None when none does.

    Passive things on the way (a modem, an unmanaged switch) are looked through.
    """
    if element in graph.lines:
        return frozenset((element,))
    if element in trail or (trail and element in measured):
        return None
    for group in graph.groups.get(element, ()):
        ways = [_lines_to(graph, measured, each, trail | {element}) for each in group]
        lost = [each for each in ways if each is not None]
        if len(lost) == len(ways):
            return frozenset().union(*lost)
    return None


def _visible(situation: Situation, shape: Cut, carrier: str) -> int:
    """Return how many circuits of `carrier` could be seen to work: no other cause hides them."""
    graph = situation.graph
    own = {link for link, line in graph.lines.items() if line.carrier == carrier}
    found = set()
    for link in own - situation.in_maintenance:
        ends = [each for each in graph.ends.get(link, frozenset()) if each in shape.elements]
        roots = frozenset().union(*(shape.roots.get(each, frozenset()) for each in ends))
        lost = [_lines_to(graph, situation.faults, each) for each in roots]
        if all(each is not None and each <= own for each in lost):
            found.add(graph.lines[link].circuit)
    return len(found)


def _parts(
    situation: Situation, carrier: _Carrier, incident: OpenIncident | None, told: frozenset[str]
) -> frozenset[str]:
    """Return the faults that the outage of `carrier` is inferred from; none when it is not out.

    What an open incident has taken stays its part until it is over; what is noticed within one
    round of polls after the last of them joins it. A circuit that fails later is told by itself.
    """
    cluster = _cluster(situation, carrier)
    circuits = {situation.graph.lines[link].circuit for each in cluster for link in each.lines}
    is_enough = (
        len({each.place for each in cluster}) >= situation.policy.carrier_places
        and len(circuits) >= situation.policy.carrier_share * carrier.visible
    )
    parts = {each.fault.key for each in cluster} if is_enough else set()
    parts = parts if parts - told else set()
    if incident is not None:
        taken = (situation.faults.get(key) for key in parts | incident.parts)
        bad = (each.since for each in taken if each and each.health is Health.BAD)
        last = max((incident.opened_at, *bad)) + round_of(situation)
        late = {each.fault.key for each in carrier.failed if each.fault.since <= last}
        parts |= incident.parts | (late - told)
    return frozenset(parts)


def _ends(situation: Situation, carrier: _Carrier) -> frozenset[str]:
    """Return the devices at the ends of the carrier's circuits."""
    graph = situation.graph
    own = (link for link, line in graph.lines.items() if line.carrier == carrier.name)
    return frozenset().union(*(graph.ends.get(link, frozenset()) for link in own))


def round_of(situation: Situation) -> timedelta:
    """Return how far apart polls may notice what failed at one moment."""
    return max(situation.policy.hold_down, situation.policy.unheard)


def together(faults: Iterable[Fault], within: timedelta) -> list[Fault]:
    """Return most of `faults` that began `within` a time."""
    ordered = sorted(faults, key=lambda each: (each.since, each.key))
    best: list[Fault] = []
    start = 0
    for end, last in enumerate(ordered):
        while last.since - ordered[start].since > within:
            start += 1
        if end + 1 - start > len(best):
            best = ordered[start : end + 1]
    return best


def _cluster(situation: Situation, carrier: _Carrier) -> list[_Failed]:
    """Return what failed together, the earliest first."""
    of = {each.fault.key: each for each in carrier.failed}
    found = together([each.fault for each in carrier.failed], round_of(situation))
    return [of[each.key] for each in found]


def _waiting(situation: Situation, carrier: _Carrier) -> dict[str, datetime]:
    """Return until when circuits that failed together wait for the others of their carrier."""
    cluster = _cluster(situation, carrier)
    places = {each.place for each in cluster}
    if len(places) < SUSPICIOUS or carrier.visible < situation.policy.carrier_places:
        return {}
    end = cluster[0].fault.since + round_of(situation)
    return {each.fault.key: end for each in cluster}


def _outage(situation: Situation, name: str, parts: frozenset[str]) -> Fault:
    """Return the fault of a carrier: over once fewer than it took to infer it still fail.

    Circuits come back one after another: those still out get as long as a link needs to come up,
    counted from the last that came back. Then each of them is told by itself.
    """
    known = [situation.faults[key] for key in parts if key in situation.faults]
    good = [each for each in known if each.health is Health.GOOD]
    bad = [each for each in known if each.health is Health.BAD]
    policy = situation.policy
    enough = max(policy.carrier_places, ceil(policy.carrier_share * len(known)))
    came_back = max((each.since for each in good), default=situation.now)
    is_quiet = situation.now - came_back >= policy.come_up
    if bad and (len(known) - len(good) >= enough or not is_quiet):
        health, since = Health.BAD, min(each.since for each in bad)
    elif len(good) + len(bad) < len(known) or not known:
        health, since = Health.UNKNOWN, situation.now
    else:
        health, since = Health.GOOD, came_back
    return Fault(
        key=name,
        element=name,
        name=ALERT,
        severity="critical",
        health=health,
        since=since,
        measured_at=max((each.measured_at for each in known), default=situation.now),
        blocks=True,
    )


def _circuits(
    carrier: _Carrier, parts: frozenset[str], lines: Mapping[str, Line]
) -> frozenset[str]:
    failed = (each for each in carrier.failed if each.fault.key in parts)
    return frozenset(lines[link].circuit for each in failed for link in each.lines)
