"""A power cut, inferred: UPSs of several sites that lose the mains together have one cause.

Nothing measures a power company. Its outage becomes a fault like any other: the UPSs that run on
battery, and what goes dark where they stand, need it while it lasts. What went dark on battery
speaks for no carrier's outage either, however many sites it is.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from alerts.carriers import round_of, together
from alerts.correlation import Fault, Shared
from alerts.graph import Health

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from alerts.correlation import Book, OpenIncident, Situation

POWER: Final = "power:"
ALERT: Final = "PowerOutage"
_UPS: Final = "ups:"
_DEVICE: Final = "device:"


@dataclass(frozen=True, slots=True)
class _Unit:
    """A UPS whose last word is that it runs on battery; `company` is empty where none is known."""

    fault: Fault
    place: str
    company: str

    @property
    def is_told(self) -> bool:
        """Whether it says so now, and is not merely silent since it did."""
        return self.fault.health is Health.BAD


def joined(situation: Situation, book: Book) -> Situation:
    """Return `situation` with the power cuts as faults, and what waits for one."""
    units = _on_battery(situation, book)
    announced = {each.fault: each for each in book.incidents if each.fault.startswith(POWER)}
    if not units and not announced:
        return situation
    told = frozenset(each.fault for each in book.incidents)
    graph, faults = situation.graph, dict(situation.faults)
    evidence: dict[str, frozenset[str]] = {}
    until: dict[str, datetime] = {}
    of: defaultdict[str, list[_Unit]] = defaultdict(list)
    for unit in units:
        of[unit.company].append(unit)
    for name in sorted((of.keys() | announced.keys()) - {""}):
        incident = announced.get(name)
        if incident is not None and _is_silence_open(situation, incident.parts):
            of[name] = [each for each in of[name] if each.is_told]
        parts = _parts(situation, of[name], incident, told)
        if not parts:
            until |= _waiting(situation, name, of[name])
            continue
        evidence[name] = parts
        faults[name] = _outage(situation, name, parts)
        if faults[name].health is Health.BAD:
            out = [each for each in of[name] if each.fault.key in parts]
            hit = {each.fault.element for each in out} | _dark(situation, out)
            graph = graph.needing(name, hit)
    believed = [unit for each in of.values() for unit in each]
    shared = Shared(evidence, {}, until, None, _dark(situation, believed))
    return replace(situation, graph=graph, faults=faults, shared=shared)


def _on_battery(situation: Situation, book: Book) -> list[_Unit]:
    """Return the UPSs that lost the mains, by their last word.

    One that fell silent after it told, because the site went dark, has not got them back, as far
    as anybody knows: see `_is_silence_open`.
    """
    held = {each.fault for each in book.incidents}.union(*(each.parts for each in book.incidents))
    found = []
    for key, fault in situation.faults.items():
        if not fault.element.startswith(_UPS) or not fault.blocks:
            continue
        is_out = fault.health is Health.BAD or (fault.health is Health.UNKNOWN and key in held)
        if not is_out or situation.in_maintenance & {key, fault.element}:
            continue
        info = situation.graph.info.get(fault.element)
        place = info.site if info else ""
        found.append(_Unit(fault, place, situation.graph.supplies.get(place, "")))
    return found


def _parts(
    situation: Situation,
    units: Iterable[_Unit],
    incident: OpenIncident | None,
    told: frozenset[str],
) -> frozenset[str]:
    """Return the faults that a power cut is inferred from; none when there is none.

    What an open incident has taken stays its part; what loses the mains within one round of polls
    after the last of them joins it. A UPS that loses them later is told by itself.
    """
    out = [each for each in units if each.is_told]
    cluster = together([each.fault for each in out], round_of(situation))
    keys = {each.key for each in cluster}
    places = {each.place for each in out if each.fault.key in keys}
    parts = keys if len(places) >= situation.policy.power_places and keys - told else set()
    if incident is not None:
        taken = (situation.faults.get(key) for key in parts | incident.parts)
        bad = (each.since for each in taken if each and each.health is Health.BAD)
        last = max((incident.opened_at, *bad)) + round_of(situation)
        late = {each.fault.key for each in out if each.fault.since <= last}
        parts = parts | incident.parts | (late - told)
    return frozenset(parts)


def _waiting(situation: Situation, company: str, units: Iterable[_Unit]) -> dict[str, datetime]:
    """Return until when UPSs wait for others of their company; a battery gives that time."""
    fed = sum(each == company for each in situation.graph.supplies.values())
    if fed < situation.policy.power_places:
        return {}
    within = round_of(situation)
    return {each.fault.key: each.fault.since + within for each in units if each.is_told}


def _outage(situation: Situation, name: str, parts: frozenset[str]) -> Fault:
    """Return the fault of a power company: over once mains are missing at fewer sites than it took.

    The mains come back district by district, so what is still out gets as long as a link needs to
    come up. A UPS that nobody can ask counts as out for a time; after that it is no cause of
    anything, and no proof of a recovery either.
    """
    known = [situation.faults[key] for key in parts if key in situation.faults]
    bad = [each for each in known if each.health is Health.BAD]
    silent = [each for each in known if each.health is Health.UNKNOWN]
    came_back = _last_return(situation, parts) or situation.now
    is_quiet = situation.now - came_back >= situation.policy.come_up
    out = bad if _is_silence_open(situation, parts) else bad + silent
    if out and (len(_sites(situation, out)) >= situation.policy.power_places or not is_quiet):
        health, since = Health.BAD, min(each.since for each in bad or out)
    elif silent or not known:
        health, since = Health.UNKNOWN, situation.now
    else:
        health, since = Health.GOOD, came_back
    measured_at = max((each.measured_at for each in known), default=situation.now)
    return Fault(name, name, ALERT, "critical", health, since, measured_at, blocks=True)


def _sites(situation: Situation, faults: Iterable[Fault]) -> set[str]:
    """Return where the UPSs of `faults` stand."""
    places = (situation.graph.info.get(each.element) for each in faults)
    return {each.site if each else "" for each in places}


def _last_return(situation: Situation, parts: Iterable[str]) -> datetime | None:
    """Return when the last UPS of `parts` got its mains back; None while none has."""
    known = (situation.faults.get(key) for key in parts)
    return max((each.since for each in known if each and each.health is Health.GOOD), default=None)


def _is_silence_open(situation: Situation, parts: Iterable[str]) -> bool:
    """Whether the mains came back to others of `parts` so long ago that a UPS which is silent
    still may be so for any reason: its line was cut meanwhile, its router died.
    """
    came_back = _last_return(situation, parts)
    return came_back is not None and situation.now - came_back >= situation.policy.boot


def _dark(situation: Situation, units: Iterable[_Unit]) -> frozenset[str]:
    """Return the devices that went dark where `units` stand, since the mains were lost there, and
    the links that end at such a device.

    A link whose device there is alive did not fail for want of power: its other end did, or its
    carrier.
    """
    since: dict[str, datetime] = {}
    for unit in units:
        began = unit.fault.since - round_of(situation)
        since[unit.place] = min(began, since.get(unit.place, began))
    since.pop("", None)
    graph = situation.graph
    bad = [each for each in situation.faults.values() if each.health is Health.BAD and each.blocks]
    devices = {
        each.element
        for each in bad
        if each.element.startswith(_DEVICE) and _began_in(since, graph.info, each.element, each)
    }
    links = {
        each.element
        for each in bad
        for end in graph.ends.get(each.element, frozenset()) & devices
        if _began_in(since, graph.info, end, each)
    }
    return frozenset(devices | links)


def _began_in(
    since: Mapping[str, datetime], info: Mapping[str, object], element: str, fault: Fault
) -> bool:
    place = getattr(info.get(element), "site", "")
    return place in since and fault.since >= since[place]
