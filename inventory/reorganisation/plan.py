"""What a reorganisation would do, as a value to show, hash and approve."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from datetime import date

    from inventory.reorganisation.state import Owned, Province, UnitState


class UnitChange(NamedTuple):
    """A unit before (None: it begins) and after; `code` is the one before, if there was one.

    A dissolved unit keeps its row: it ends on the day before, and hangs under who keeps its
    records.
    """

    code: str
    before: UnitState | None
    after: UnitState
    new_code: str

    @property
    def does(self) -> str:
        """What is done to it, in one word."""
        if self.before is None:
            return "create"
        return "dissolve" if self.after.valid_to != self.before.valid_to else "change"


class Transfer(NamedTuple):
    """Something that belongs to another unit from the day on."""

    owned: Owned
    before: str
    after: str


class Succession(NamedTuple):
    """Who follows whom; many to many."""

    predecessor: str
    successor: str


class Sight(NamedTuple):
    """A role whose unit, or whose sites in sight, change; counts of sites."""

    id: int
    person: str
    role: str
    before: str
    after: str
    sites_before: int
    sites_after: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReorganisationPlan:
    """All that would be done on the day, and the province it leads to.

    `sha256` covers everything below it: what is approved is exactly what is done.
    """

    title: str
    basis: str
    effective_on: date
    units: tuple[UnitChange, ...]
    transfers: tuple[Transfer, ...]
    successions: tuple[Succession, ...]
    sights: tuple[Sight, ...]
    after: Province
    sha256: str

    def counts(self) -> dict[str, int]:
        """Return how many units begin, end, change, and what follows them."""
        does = [change.does for change in self.units]
        return {
            "created": does.count("create"),
            "dissolved": does.count("dissolve"),
            "changed": does.count("change"),
            "transferred": len(self.transfers),
            "successions": len(self.successions),
            "roles": len(self.sights),
        }


def digest(effective_on: date, parts: list[tuple[Any, ...]]) -> str:
    """Return the SHA-256 of what is done on the day, in canonical form."""
    text = json.dumps(
        [effective_on.isoformat(), *parts], sort_keys=True, ensure_ascii=False, default=str
    )
    return hashlib.sha256(text.encode()).hexdigest()
