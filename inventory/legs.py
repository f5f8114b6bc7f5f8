"""What stands on what beside the cables: groups, clusters, virtual machines, services.

An element works while all that it needs works and, where it has legs, any one of them does; it is
degraded once a leg or part of what it needs is gone. A redundancy group works while `required` of
its members do, and who stands on one of its devices stands on the group.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import IntEnum
from itertools import chain, combinations, product
from math import comb, prod
from typing import TYPE_CHECKING, Final

from inventory.choices import ElementKind
from inventory.network import Element

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inventory.network import Network

# Beyond so many alternatives `devices_needed` tells only that one device of all must work.
_MOST_ALTERNATIVES: Final = 500

Alternatives = tuple[frozenset[str], ...]


class Loss(IntEnum):
    """How much of an element is lost."""

    NONE = 0
    DEGRADED = 1
    DOWN = 2


@dataclass(frozen=True, slots=True)
class Stand:
    """An element needs every one of `needs`, any one of `legs` and `required` of `members`."""

    needs: tuple[Element, ...] = ()
    legs: tuple[Element, ...] = ()
    members: tuple[Element, ...] = ()
    required: int = 0

    def loss(self, lost: dict[Element, Loss]) -> Loss:
        """Return how much is lost of the element that stands so, `lost` being gone."""
        gone = sum(lost.get(one) is Loss.DOWN for one in self.members)
        legs_gone = sum(lost.get(one) is Loss.DOWN for one in self.legs)
        if (
            any(lost.get(one) is Loss.DOWN for one in self.needs)
            or (gone and len(self.members) - gone < self.required)
            or (legs_gone and legs_gone == len(self.legs))
        ):
            return Loss.DOWN
        if gone or legs_gone or any(one in lost for one in (*self.needs, *self.legs)):
            return Loss.DEGRADED
        return Loss.NONE


class Legs:
    """A network indexed by what stands on what."""

    def __init__(self, network: Network) -> None:
        self._stands = dict(_stands(network))
        self._users: dict[Element, list[Element]] = {}
        for user, stand in self._stands.items():
            for used in (*stand.needs, *stand.legs, *stand.members):
                self._users.setdefault(used, []).append(user)
        self.hosts = frozenset(one.key for one in self._users if one.kind is ElementKind.DEVICE)

    def __contains__(self, element: Element) -> bool:
        return element in self._stands

    def fall(self, devices: Iterable[str], failed: Iterable[Element] = ()) -> dict[Element, Loss]:
        """Return what is lost, and how much, when all these devices and elements fail together.

        `devices` may be left out that are not among `hosts`.
        """
        lost = dict.fromkeys((Element(ElementKind.DEVICE, one) for one in devices), Loss.DOWN)
        lost |= dict.fromkeys(failed, Loss.DOWN)
        waiting = deque(dict.fromkeys(chain.from_iterable(map(self._over, lost))))
        queued = set(waiting)
        while waiting:
            one = waiting.popleft()
            queued.discard(one)
            loss = self._stands[one].loss(lost)
            if loss <= lost.get(one, Loss.NONE):
                continue
            lost[one] = loss
            fresh = [user for user in self._over(one) if user not in queued]
            waiting.extend(fresh)
            queued.update(fresh)
        return lost

    def devices_needed(self, element: Element) -> Alternatives:
        """Return sets of devices: `element` works while each of them keeps one that works.

        What a service needs of other services is not told. A leg that stands on nothing known may
        work whatever fails, so no set comes of the legs beside it.
        """
        if element.kind is ElementKind.DEVICE:
            return (frozenset((element.key,)),)
        stand = self._stands.get(element, Stand())
        needs = (one for one in stand.needs if one.kind is not ElementKind.SERVICE)
        found = chain.from_iterable(self.devices_needed(one) for one in needs)
        legs = [self.devices_needed(one) for one in stand.legs]
        return tuple(dict.fromkeys((*found, *_any(legs), *_enough(stand))))

    def _over(self, element: Element) -> Iterable[Element]:
        return self._users.get(element, ())


def _any(legs: list[Alternatives]) -> Iterable[frozenset[str]]:
    """Return the sets of which each keeps one while any of `legs` has one in all of its own."""
    if not legs:
        return ()
    if prod(len(sets) for sets in legs) > _MOST_ALTERNATIVES:
        return (frozenset().union(*chain.from_iterable(legs)),)
    return (frozenset().union(*sets) for sets in product(*legs))


def _enough(stand: Stand) -> Iterable[frozenset[str]]:
    """Return the sets of which each keeps one while `required` of the members work."""
    devices = [one.key for one in stand.members if one.kind is ElementKind.DEVICE]
    if not devices or len(devices) < len(stand.members):
        return ()
    size = max(1, len(devices) - stand.required + 1)
    if comb(len(devices), size) > _MOST_ALTERNATIVES:
        return (frozenset(devices),)
    return (frozenset(some) for some in combinations(devices, size))


def _stands(network: Network) -> Iterable[tuple[Element, Stand]]:
    groups_of: dict[str, list[Element]] = {}
    for group in network.groups:
        this = Element(ElementKind.REDUNDANCY_GROUP, group.key)
        devices = _all(ElementKind.DEVICE, group.devices)
        circuits = _all(ElementKind.CIRCUIT, group.circuits)
        yield this, Stand(members=(*devices, *circuits), required=group.required)
        for device in group.devices:
            groups_of.setdefault(device, []).append(this)
    yield from _circuits(network)
    for cluster in network.clusters:
        needs, legs = _on(cluster.hosts, groups_of)
        yield Element(ElementKind.CLUSTER, cluster.key), Stand(needs, legs)
    for machine in network.machines:
        needs, legs = _on((machine.host,) if machine.host else (), groups_of)
        if machine.cluster:
            needs, legs = (), (Element(ElementKind.CLUSTER, machine.cluster),)
        yield Element(ElementKind.VIRTUAL_MACHINE, machine.key), Stand(needs, legs)
    for service in network.services:
        needs, legs = _on(service.runs_on, groups_of)
        needs += _all(ElementKind.SERVICE, service.depends_on)
        legs += _all(ElementKind.VIRTUAL_MACHINE, service.machines)
        yield Element(ElementKind.SERVICE, service.key), Stand(needs, legs)


def _circuits(network: Network) -> Iterable[tuple[Element, Stand]]:
    """Yield what the circuits of groups need: the devices at the ends of their links."""
    ends: dict[str, list[str]] = {one: [] for group in network.groups for one in group.circuits}
    for link in network.links:
        if link.circuit in ends:
            ends[link.circuit] += (link.a, link.z)
    for circuit, devices in ends.items():
        needs = _all(ElementKind.DEVICE, dict.fromkeys(devices))
        yield Element(ElementKind.CIRCUIT, circuit), Stand(needs=needs)


def _on(
    devices: Iterable[str], groups_of: dict[str, list[Element]]
) -> tuple[tuple[Element, ...], tuple[Element, ...]]:
    """Return the groups of `devices`, and those devices that are in none."""
    known = list(devices)
    groups = chain.from_iterable(groups_of.get(one, ()) for one in known)
    alone = (one for one in known if one not in groups_of)
    return tuple(dict.fromkeys(groups)), _all(ElementKind.DEVICE, alone)


def _all(kind: ElementKind, keys: Iterable[str]) -> tuple[Element, ...]:
    return tuple(Element(kind, key) for key in keys)
