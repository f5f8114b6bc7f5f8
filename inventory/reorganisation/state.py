"""A province as a reorganisation sees it: units, who owns what, who holds roles where; pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from inventory.choices import ElementKind


class UnitState(NamedTuple):
    """A unit; `valid_from` and `valid_to` are its first and last day, None when unbounded."""

    name: str
    kind: str
    parent: str | None
    valid_from: date | None = None
    valid_to: date | None = None

    def is_valid(self, on: date) -> bool:
        """Tell whether the unit exists on that day."""
        begun = self.valid_from is None or self.valid_from <= on
        return begun and (self.valid_to is None or on <= self.valid_to)


class Owned(NamedTuple):
    """What belongs to a unit by itself, through its `field`: a site, a service, a contact …"""

    kind: ElementKind
    key: str
    field: str = "unit"


class Binding(NamedTuple):
    """A role that a person holds in a unit and all below it; `id` is the grant's own."""

    id: int
    person: str
    role: str
    unit: str


@dataclass(frozen=True, slots=True)
class Province:
    """All of it; `changed_on` is the day the last reorganisation changed a unit or an owner."""

    units: Mapping[str, UnitState]
    owners: Mapping[Owned, str]
    bindings: tuple[Binding, ...] = ()
    unit_changed_on: Mapping[str, date] | None = None
    owner_changed_on: Mapping[Owned, date] | None = None
    taken_codes: frozenset[str] = frozenset()


def children_of(units: Mapping[str, UnitState]) -> dict[str | None, list[str]]:
    """Return the codes of the units directly below each."""
    found: dict[str | None, list[str]] = defaultdict(list)
    for code, unit in units.items():
        found[unit.parent].append(code)
    return found


def below(units: Mapping[str, UnitState], code: str) -> set[str]:
    """Return `code` and every unit below it."""
    children = children_of(units)
    found: set[str] = set()
    waiting = [code]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += children.get(one, ())
    return found


def owned_by(owners: Mapping[Owned, str], codes: Iterable[str]) -> list[Owned]:
    """Return what belongs to any of the units `codes`, in a lasting order."""
    wanted = set(codes)
    return sorted(owned for owned, code in owners.items() if code in wanted)


def rings(units: Mapping[str, UnitState]) -> list[str]:
    """Return the codes of units that lie above themselves, sorted."""
    safe: set[str] = set()
    found: set[str] = set()
    for start in units:
        path: list[str] = []
        at: str | None = start
        while at is not None and at not in safe and at not in path:
            path.append(at)
            at = units[at].parent if at in units else None
        if at is not None and at in path:
            found |= set(path[path.index(at) :])
        safe |= set(path)
    return sorted(found)
