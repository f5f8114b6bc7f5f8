"""Who loses what when devices or services fail: sites, services, rooms, people."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from inventory.network import Network, ServiceNode


@dataclass(frozen=True, slots=True)
class Impact:
    """Who loses what when an element fails alone.

    `sites` lost every device that could be reached before; `services` cannot work, `degraded` ones
    lost part of what they stand on. `people` is None when no cut-off site knows its number.
    """

    devices: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    degraded: frozenset[str] = frozenset()
    rooms: frozenset[str] = frozenset()
    people: int | None = None


class Dependants:
    """A network indexed by what depends on what; `placed` are the devices that count for sites."""

    def __init__(self, network: Network, placed: Collection[str]) -> None:
        self._site_of = {one.key: one.site for one in network.devices if one.key in placed}
        self._devices_at = Counter(self._site_of.values())
        self._people = {one.key: one.people for one in network.sites if one.people is not None}
        self._rooms: dict[str, list[str]] = {}
        for room in network.rooms:
            self._rooms.setdefault(room.site, []).append(room.key)
        self._standing_on: dict[str, list[ServiceNode]] = {}
        self._needed_by: dict[str, list[str]] = {}
        for service in network.services:
            for device in service.runs_on:
                self._standing_on.setdefault(device, []).append(service)
            for need in service.depends_on:
                self._needed_by.setdefault(need, []).append(service.key)

    def impact(self, devices: Collection[str], services: Iterable[str] = ()) -> Impact:
        """Return what the loss of all these `devices` and `services` together means."""
        lost = Counter(self._site_of[one] for one in devices if one in self._site_of)
        sites = frozenset(site for site, count in lost.items() if count == self._devices_at[site])
        people = [self._people[site] for site in sites if site in self._people]
        down, degraded = self._services(devices, services)
        return Impact(
            devices=frozenset(devices),
            sites=sites,
            services=frozenset(down),
            degraded=frozenset(degraded),
            rooms=frozenset(room for site in sites for room in self._rooms.get(site, ())),
            people=sum(people) if people else None,
        )

    def _services(
        self, devices: Collection[str], failed: Iterable[str]
    ) -> tuple[set[str], set[str]]:
        """Return the services down and those degraded, following dependencies to the end."""
        down, degraded = set(failed), set[str]()
        touched = (self._standing_on.get(one, ()) for one in devices)
        lost = Counter(service for services in touched for service in services)
        for service, count in lost.items():
            (down if count == len(service.runs_on) else degraded).add(service.key)
        self._spread(down)
        self._spread(degraded)
        return down, degraded - down

    def _spread(self, marked: set[str]) -> None:
        stack = list(marked)
        while stack:
            for dependant in self._needed_by.get(stack.pop(), ()):
                if dependant not in marked:
                    marked.add(dependant)
                    stack.append(dependant)
