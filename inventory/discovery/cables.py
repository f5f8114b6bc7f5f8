"""Cables, from what stands at both ends: agreed by both certain, said by one likely, else a guess.

A guess rests on the forwarding tables alone: a station is plugged in at the port, on which fewest
are learnt, that leads to no other switch.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from inventory.discovery.neighbours import named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from inventory.discovery.facts import Facts, Neighbour

# IANAifType of what no cable goes into: loopback, tunnels, VLANs, aggregates, bridges.
_VIRTUAL: Final = frozenset({1, 24, 53, 131, 135, 136, 161, 209})


class Certainty(StrEnum):
    """How sure a cable is."""

    CERTAIN = "certain"
    LIKELY = "likely"
    GUESS = "guess"


class End(NamedTuple):
    """A port of the device at this place in the list of devices."""

    device: int
    port: str


@dataclass(frozen=True, slots=True)
class Cable:
    """Two ends in order, how sure, and which protocols said so."""

    a: End
    b: End
    certainty: Certainty
    sources: tuple[str, ...]


class _Claim(NamedTuple):
    near: End
    far: End
    protocol: str


def infer(devices: Sequence[Facts]) -> list[Cable]:
    """Return the cables between `devices`, each once, the surest claim for each end kept."""
    told = _told(devices)
    taken = {end for cable in told for end in (cable.a, cable.b)}
    return sorted([*told, *_guesses(devices, taken)], key=lambda cable: (cable.a, cable.b))


def _told(devices: Sequence[Facts]) -> list[Cable]:
    """Return the cables that LLDP or CDP told of."""
    said: defaultdict[tuple[End, End], list[_Claim]] = defaultdict(list)
    for claim in _claims(devices):
        said[_ordered(claim.near, claim.far)].append(claim)
    cables: list[Cable] = []
    taken: set[End] = set()
    for ends, agreed in sorted(said.items(), key=lambda item: -len({c.near for c in item[1]})):
        if taken & set(ends):
            continue  # a stale entry of one end, where both others agree on something else
        both = len({claim.near for claim in agreed}) == 2
        sources = tuple(sorted({claim.protocol for claim in agreed}))
        sure = Certainty.CERTAIN if both else Certainty.LIKELY
        cables.append(Cable(*ends, sure, sources))
        taken.update(ends)
    return cables


def _ordered(one: End, other: End) -> tuple[End, End]:
    first, second = sorted((one, other))
    return first, second


def _claims(devices: Sequence[Facts]) -> Iterator[_Claim]:
    for place, facts in enumerate(devices):
        heard = Counter((one.port, one.protocol) for one in facts.neighbours)
        for neighbour in facts.neighbours:
            if heard[neighbour.port, neighbour.protocol] > 1:
                continue  # a hub or a switch that floods stands between: no one cable
            far = _far_device(devices, neighbour)
            if far is None or far == place:
                continue
            port = _far_port(devices[far], neighbour)
            if port:
                yield _Claim(End(place, neighbour.port), End(far, port), neighbour.protocol)


def _far_device(devices: Sequence[Facts], neighbour: Neighbour) -> int | None:
    """Return who the neighbour is: by chassis, by a MAC of its ports, by address, by its name."""
    tests = (
        lambda facts: bool(neighbour.chassis) and neighbour.chassis == facts.chassis,
        lambda facts: neighbour.chassis in facts.macs,
        lambda facts: bool(facts.own_addresses & set(neighbour.addresses)),
        lambda facts: bool(neighbour.name) and neighbour.name == facts.name,
    )
    for test in tests:
        found = [place for place, facts in enumerate(devices) if test(facts)]
        if len(found) == 1:
            return found[0]
    return None


def _far_port(facts: Facts, neighbour: Neighbour) -> str:
    by_mac = [port for port in facts.ports if port.mac and port.mac == neighbour.port_id]
    for found in (
        by_mac,
        named(facts.ports, neighbour.port_id),
        named(facts.ports, neighbour.port_description),
        [port for port in facts.ports if str(port.index) == neighbour.port_id],
    ):
        if len(found) == 1:
            return found[0].name
    return ""


def _guesses(devices: Sequence[Facts], taken: set[End]) -> Iterator[Cable]:
    uplinks = {(end.device, end.port) for end in taken}
    places = _best_places(devices, uplinks)
    ports_used: Counter[End] = Counter(end for end, _ in places.values())
    for mac, (end, _count) in sorted(places.items()):
        owner = _owner(devices, mac)
        if owner is None or ports_used[end] != 1:
            continue
        port = next(port for port in devices[owner].ports if port.mac == mac)
        far = End(owner, port.name)
        if owner == end.device or far in taken or port.type in _VIRTUAL:
            continue
        yield Cable(*_ordered(end, far), Certainty.GUESS, ("fdb",))


def _best_places(
    devices: Sequence[Facts], uplinks: set[tuple[int, str]]
) -> dict[str, tuple[End, int]]:
    """Return where each MAC is plugged in: the port with the fewest of them, no uplink."""
    best: dict[str, tuple[End, int]] = {}
    for place, facts in enumerate(devices):
        crowd = Counter(station.port_index for station in facts.stations)
        for station in facts.stations:
            port = facts.port(station.port_index)
            if port is None or (place, port.name) in uplinks:
                continue
            count = crowd[station.port_index]
            if station.mac not in best or count < best[station.mac][1]:
                best[station.mac] = (End(place, port.name), count)
    return best


def plugged_in(devices: Sequence[Facts], mac: str) -> End | None:
    """Return the port at which the station `mac` is plugged in, None where nobody learnt it."""
    taken = {end for cable in _told(devices) for end in (cable.a, cable.b)}
    place = _best_places(devices, set(taken)).get(mac.lower())
    return None if place is None else place[0]


def _owner(devices: Sequence[Facts], mac: str) -> int | None:
    """Return the one device that has this MAC on a port."""
    owners = [place for place, facts in enumerate(devices) if mac in facts.macs]
    return owners[0] if len(owners) == 1 else None
