"""Who loses what when devices or services fail: sites, services, rooms, people."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inventory.choices import ElementKind
from inventory.legs import Legs, Loss

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from inventory.network import Element, Network


@dataclass(frozen=True, slots=True)
class Impact:
    """Who loses what when an element fails alone.

    `sites` lost every device that could be reached before; `services`, `machines` (virtual ones)
    and redundancy `groups` cannot work; `degraded` services and `degraded_groups` lost part of what
    they stand on. `people` is None when no cut-off site knows its number.
    """

    devices: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    degraded: frozenset[str] = frozenset()
    rooms: frozenset[str] = frozenset()
    people: int | None = None
    machines: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    degraded_groups: frozenset[str] = frozenset()


class Dependants:
    """A network indexed by what depends on what; `placed` are the devices that count for sites."""

    def __init__(self, network: Network, placed: Collection[str]) -> None:
        self.legs = Legs(network)
        self._site_of = {one.key: one.site for one in network.devices if one.key in placed}
        self._devices_at = Counter(self._site_of.values())
        self._people = {one.key: one.people for one in network.sites if one.people is not None}
        self._rooms: dict[str, list[str]] = {}
        for room in network.rooms:
            self._rooms.setdefault(room.site, []).append(room.key)

    def emptied(self, devices: Iterable[str]) -> frozenset[str]:
        """Return the sites that lose all their devices with these."""
        lost = Counter(self._site_of[one] for one in devices if one in self._site_of)
        return frozenset(site for site, count in lost.items() if count == self._devices_at[site])

    def impact(
        self, devices: frozenset[str], sites: frozenset[str], failed: Iterable[Element] = ()
    ) -> Impact:
        """Return what it means to lose all of `devices`, which empties `sites`, and `failed`."""
        lost = self.legs.fall(devices & self.legs.hosts, failed)
        people = [self._people[site] for site in sites if site in self._people]
        return Impact(
            devices=devices,
            sites=sites,
            services=_keys(lost, ElementKind.SERVICE, Loss.DOWN),
            degraded=_keys(lost, ElementKind.SERVICE, Loss.DEGRADED),
            rooms=frozenset(room for site in sites for room in self._rooms.get(site, ())),
            people=sum(people) if people else None,
            machines=_keys(lost, ElementKind.VIRTUAL_MACHINE, Loss.DOWN),
            groups=_keys(lost, ElementKind.REDUNDANCY_GROUP, Loss.DOWN),
            degraded_groups=_keys(lost, ElementKind.REDUNDANCY_GROUP, Loss.DEGRADED),
        )


def _keys(lost: Mapping[Element, Loss], kind: ElementKind, loss: Loss) -> frozenset[str]:
    return frozenset(one.key for one, much in lost.items() if much is loss and one.kind is kind)
