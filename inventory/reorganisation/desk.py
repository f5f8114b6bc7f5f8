"""The working copy of a province while a plan is drawn up, and what was found wrong meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hatang.errors import Problem
from inventory.records import suggestion
from inventory.reorganisation.plan import Succession
from inventory.reorganisation.state import Province, UnitState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inventory.choices import ElementKind
    from inventory.reorganisation.document import NewUnit, Read
    from inventory.reorganisation.state import Owned

_DAY = timedelta(days=1)


class Desk:
    """Units are named by the code they had; `recoded` holds the codes they get."""

    def __init__(self, read: Read, base: Province, sections: Mapping[str, ElementKind]) -> None:
        self.read, self.base, self.sections = read, base, sections
        self.where, self.on = read.where, read.document.effective_on
        self.units: dict[str, UnitState] = dict(base.units)
        self.owners: dict[Owned, str] = dict(base.owners)
        self.following: dict[str, str] = {}
        self.begun: set[str] = set()
        self.recoded: dict[str, str] = {}
        self.successions: list[Succession] = []
        self.problems: list[Problem] = []
        self.line: int | None = None
        self.ended: dict[str, int | None] = {}

    def blame(self, field: str, value: str, message: str, fix: str) -> None:
        """Note a problem of the entry being read."""
        self.problems.append(Problem(self.where, field, value, message, fix, self.line))

    def create(self, unit: NewUnit, line: int) -> None:
        """Let a unit begin on the day."""
        self.line = line
        if unit.code in self.units or unit.code in self.base.taken_codes:
            self.blame("code", unit.code, "is or was another unit's", "Choose another code.")
            return
        known = {*self.units, *(one.code for one in self.read.document.units)}
        if unit.parent is not None and unit.parent not in known:
            fix = suggestion(unit.parent, known) or "Add the unit first."
            self.blame("parent", unit.parent, "names no unit", fix)
            return
        self.units[unit.code] = UnitState(unit.name, unit.kind, unit.parent, self.on, None)
        self.begun.add(unit.code)

    def move(self, code: str, parent: str | None) -> None:
        """Hang a unit under another."""
        self.units[code] = self.units[code]._replace(parent=parent)

    def give(self, owned: Owned, code: str) -> None:
        """Let something belong to another unit."""
        later = (self.base.owner_changed_on or {}).get(owned)
        if later is not None and later > self.on:
            message = f"changed its unit on {later}, after that day"
            self.blame(owned.kind, owned.key, message, "Give a later day.")
            return
        self.owners[owned] = code

    def follow(self, code: str, successor: str) -> None:
        """Let the roles held in `code` be held in `successor`."""
        self.following[code] = successor

    def end(self, code: str, successors: Iterable[str], *, keeper: str | None) -> None:
        """Dissolve a unit: yesterday was its last day; `keeper` keeps its records, if anybody."""
        unit = self.units[code]
        parent = keeper if keeper is not None else unit.parent
        self.units[code] = unit._replace(valid_to=self.on - _DAY, parent=parent)
        self.ended[code] = self.line
        self.succeed(code, successors)

    def succeed(self, code: str, successors: Iterable[str]) -> None:
        """Note who follows a unit."""
        noted = {one.successor for one in self.successions if one.predecessor == code}
        self.successions += [
            Succession(code, one) for one in dict.fromkeys(successors) if one not in noted
        ]

    def recode(self, code: str, new: str) -> None:
        """Give a unit another code from the day on."""
        taken = {*self.units, *self.base.taken_codes, *self.recoded.values()}
        if new in taken:
            self.blame("code", new, "is or was another unit's", "Choose another code.")
            return
        self.recoded[code] = new

    def coded(self, unit: UnitState) -> UnitState:
        """Return `unit` with the code its parent has after the day."""
        return unit._replace(parent=self.recoded.get(unit.parent or "", unit.parent))

    def result(self) -> Province:
        """Return the province of the day, by the codes it then has; roles where they are then."""
        rename = self.recoded
        units = {rename.get(code, code): self.coded(unit) for code, unit in self.units.items()}
        bindings = tuple(
            one._replace(unit=rename.get(to, to))
            for one in self.base.bindings
            for to in [self.following.get(one.unit, one.unit)]
        )
        owners = {owned: rename.get(code, code) for owned, code in self.owners.items()}
        return Province(units, owners, bindings, taken_codes=self.base.taken_codes | rename.keys())
