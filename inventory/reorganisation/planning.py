"""From a file and a province to a plan; everything that is wrong with it is told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatang.errors import InvalidInputError, Problem
from inventory.reorganisation import people
from inventory.reorganisation.checking import (
    bindings_of,
    check_ending,
    check_successor,
    check_valid,
    children_of,
)
from inventory.reorganisation.desk import Desk
from inventory.reorganisation.document import Merge, Move, Rename, Split
from inventory.reorganisation.plan import ReorganisationPlan, Succession, Transfer, UnitChange
from inventory.reorganisation.plan import digest as digest_of
from inventory.reorganisation.splitting import share_out
from inventory.reorganisation.state import owned_by, rings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from inventory.choices import ElementKind
    from inventory.reorganisation.document import Read
    from inventory.reorganisation.state import Province


def plan(read: Read, base: Province, sections: Mapping[str, ElementKind]) -> ReorganisationPlan:
    """Return what the file `read` does to `base`; `sections` name the kinds that units own.

    Raises:
        InvalidInputError: with every problem, by line.
    """
    desk = Desk(read, base, sections)
    for index, unit in enumerate(read.document.units):
        desk.create(unit, read.unit_lines[index])
    for index, entry in enumerate(read.entries):
        desk.line = read.entry_lines[index]
        _do(desk, entry)
    problems = [*desk.problems, *_whole(desk)]
    if problems:
        raise InvalidInputError(sorted(problems, key=lambda one: one.line or 0))
    return _finished(desk)


def _do(desk: Desk, entry: object) -> None:
    if isinstance(entry, Merge):
        _merge(desk, entry)
    elif isinstance(entry, Split):
        share_out(desk, entry)
    elif isinstance(entry, Move):
        _move(desk, entry)
    elif isinstance(entry, Rename):
        _rename(desk, entry)


def _merge(desk: Desk, entry: Merge) -> None:
    if not check_successor(desk, "into", entry.into):
        return
    merged = [code for code in dict.fromkeys(entry.merge) if code != entry.into]
    if not merged:
        desk.blame("merge", entry.into, "leaves the unit as it is", "Name another unit.")
    # Roles spread no further than over the merged units, unless somebody says so.
    spreads = entry.into not in desk.begun and entry.into not in entry.merge
    for code in merged:
        if not check_ending(desk, "merge", code):
            continue
        if spreads and entry.people is None and bindings_of(desk, code):
            desk.blame(
                "people",
                code,
                f"has roles in it, and {entry.into} reaches further than what is merged",
                "Say `people: follow` or `people: stay`.",
            )
        for child in children_of(desk, code):
            if child != entry.into:
                desk.move(child, entry.into)
        for owned in owned_by(desk.owners, [code]):
            desk.give(owned, entry.into)
        if entry.people != "stay":
            desk.follow(code, entry.into)
        desk.end(code, [entry.into], keeper=entry.into)


def _move(desk: Desk, entry: Move) -> None:
    known = check_valid(desk, "move", entry.move)
    if entry.to is not None and not check_successor(desk, "to", entry.to):
        return
    if known:
        desk.move(entry.move, entry.to)


def _rename(desk: Desk, entry: Rename) -> None:
    if not check_valid(desk, "rename", entry.rename):
        return
    if entry.code is not None and entry.code != entry.rename:
        desk.recode(entry.rename, entry.code)
    unit = desk.units[entry.rename]
    desk.units[entry.rename] = unit._replace(
        name=entry.name or unit.name, kind=entry.kind or unit.kind
    )


def _whole(desk: Desk) -> Iterator[Problem]:
    """Yield what is wrong with the province the file leads to."""
    where, line = desk.where, desk.line
    for code in rings(desk.units):
        message, fix = "would lie above itself", "Give it another parent."
        yield Problem(where, "reorganise", code, message, fix, line)
    on = desk.on
    for code, unit in desk.units.items():
        above = None if unit.parent is None else desk.units.get(unit.parent)
        if (
            unit.parent is not None
            and unit.is_valid(on)
            and (above is None or not above.is_valid(on))
        ):
            message = f"would hang under {unit.parent}, which does not exist on the day"
            yield Problem(where, "reorganise", code, message, "Move it as well.", line)
    for succession in desk.successions:
        if not desk.units[succession.successor].is_valid(on):
            message = f"succeeds {succession.predecessor} but is dissolved itself"
            yield Problem(
                where, "reorganise", succession.successor, message, "Name who remains.", line
            )


def _finished(desk: Desk) -> ReorganisationPlan:
    base, recoded = desk.base, desk.recoded
    units = tuple(
        UnitChange(code, base.units.get(code), desk.coded(unit), recoded.get(code, code))
        for code, unit in sorted(desk.units.items())
        if base.units.get(code) != unit or code in recoded or desk.coded(unit) != unit
    )
    transfers = tuple(
        Transfer(owned, base.owners[owned], code)
        for owned, code in sorted(desk.owners.items())
        if base.owners[owned] != code
    )
    successions = tuple(sorted(desk.successions))
    sights = people.sights(base, desk)
    parts = [
        tuple(units),
        transfers,
        successions,
        sights,
        (desk.read.document.title, desk.read.document.basis),
    ]
    return ReorganisationPlan(
        title=desk.read.document.title,
        basis=desk.read.document.basis,
        effective_on=desk.on,
        units=units,
        transfers=transfers,
        successions=tuple(Succession(*one) for one in successions),
        sights=sights,
        after=desk.result(),
        sha256=digest_of(desk.on, parts),
    )
