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


class Plug(NamedTuple):
    """Where a MAC address is plugged in, and how many were learnt on that port with it."""

    end: End
    crowd: int
    vlan: int | None


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
    directory = _Directory(devices)
    for place, facts in enumerate(devices):
        heard = Counter((one.port, one.protocol) for one in facts.neighbours)
        for neighbour in facts.neighbours:
            if heard[neighbour.port, neighbour.protocol] > 1:
                continue  # a hub or a switch that floods stands between: no one cable
            far = directory.find(neighbour)
            if far is None or far == place:
                continue
            port = _far_port(devices[far], neighbour)
            if port:
                yield _Claim(End(place, neighbour.port), End(far, port), neighbour.protocol)


class _Directory:
    """Finds a device by what its neighbour says of it: chassis, MAC, address, then name."""

    def __init__(self, devices: Sequence[Facts]) -> None:
        self._places: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        for place, facts in enumerate(devices):
            self._places["chassis", facts.chassis].add(place)
            self._places["name", facts.name].add(place)
            for mac in facts.macs:
                self._places["mac", mac].add(place)
            for address in facts.own_addresses:
                self._places["address", address].add(place)

    def find(self, neighbour: Neighbour) -> int | None:
        """Return the one device that the neighbour is, None when nothing says which."""
        at_addresses = {
            place for one in neighbour.addresses for place in self._places.get(("address", one), ())
        }
        for found in (
            self._places.get(("chassis", neighbour.chassis), set()) if neighbour.chassis else set(),
            self._places.get(("mac", neighbour.chassis), set()),
            at_addresses,
            self._places.get(("name", neighbour.name), set()) if neighbour.name else set(),
        ):
            if len(found) == 1:
                return next(iter(found))
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
    places = _best_places(devices, taken)
    ports_used: Counter[End] = Counter(plug.end for plug in places.values())
    owners: defaultdict[str, set[int]] = defaultdict(set)
    for place, facts in enumerate(devices):
        for mac in facts.macs:
            owners[mac].add(place)
    for mac, plug in sorted(places.items()):
        if len(owners[mac]) != 1 or ports_used[plug.end] != 1:
            continue
        (owner,) = owners[mac]
        port = next(port for port in devices[owner].ports if port.mac == mac)
        far = End(owner, port.name)
        if owner == plug.end.device or far in taken or port.type in _VIRTUAL:
            continue
        yield Cable(*_ordered(plug.end, far), Certainty.GUESS, ("fdb",))


def _best_places(devices: Sequence[Facts], uplinks: set[End]) -> dict[str, Plug]:
    """Return where each MAC is plugged in: the port with the fewest of them, no uplink."""
    best: dict[str, Plug] = {}
    for place, facts in enumerate(devices):
        crowd = Counter(station.port_index for station in facts.stations)
        names = {port.index: port.name for port in facts.ports}
        for station in facts.stations:
            name = names.get(station.port_index)
            if name is None or End(place, name) in uplinks:
                continue
            count = crowd[station.port_index]
            if station.mac not in best or count < best[station.mac].crowd:
                best[station.mac] = Plug(End(place, name), count, station.vlan)
    return best


def plugs(devices: Sequence[Facts]) -> dict[str, Plug]:
    """Return the port at which each MAC address is plugged in; who was learnt nowhere is absent.

    A port of a found device is where its cable ends, if LLDP or CDP told of one; every other
    address is on the port, leading to no other found device, where fewest were learnt.
    """
    told = _told(devices)
    best = _best_places(devices, {end for cable in told for end in (cable.a, cable.b)})
    cabled: defaultdict[str, list[End]] = defaultdict(list)
    for cable in told:
        for near, far in ((cable.a, cable.b), (cable.b, cable.a)):
            ports = (port for port in devices[near.device].ports if port.name == near.port)
            for port in ports:
                cabled[port.mac].append(far)
    cabled.pop("", None)
    sure = {mac: Plug(ends[0], 1, None) for mac, ends in cabled.items() if len(ends) == 1}
    return best | sure
