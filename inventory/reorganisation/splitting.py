"""Sharing a unit out: everything it had is named for one successor, or goes to the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from inventory.choices import ElementKind
from inventory.reorganisation.checking import (
    bindings_of,
    check_ending,
    check_successor,
    check_valid,
    children_of,
)
from inventory.reorganisation.document import STAY
from inventory.reorganisation.state import Owned, owned_by

if TYPE_CHECKING:
    from inventory.reorganisation.desk import Desk
    from inventory.reorganisation.document import Share, Split

UNITS: Final = "units"
_NAMED: Final = 5


def share_out(desk: Desk, entry: Split) -> None:
    """Share the unit out as the entry says; blame what is left over or named wrongly."""
    code = entry.split
    successors = [share.unit for share in entry.into]
    survives = code in successors
    usable = check_valid(desk, "split", code) if survives else check_ending(desk, "split", code)
    others = [one for one in successors if one != code]
    usable = usable and not [one for one in others if not check_successor(desk, "into", one)]
    if len(set(successors)) < len(successors):
        desk.blame("into", code, "names a successor twice", "Put what it takes into one.")
        usable = False
    rests = [share.unit for share in entry.into if share.rest]
    if len(rests) > 1:
        desk.blame("rest", ", ".join(rests), "is given to several", "Give it to one.")
        usable = False
    if not usable:
        return
    left = {*owned_by(desk.owners, [code]), *(_unit(child) for child in children_of(desk, code))}
    for share in entry.into:
        left -= _take(desk, share, left, code)
    rest = rests[0] if rests else code if survives else None
    _give_rest(desk, code, left, rest)
    _people(desk, entry, survives=survives)
    if survives:
        desk.succeed(code, others)
    else:
        desk.end(code, successors, keeper=rest)


def _unit(code: str) -> Owned:
    return Owned(ElementKind.UNIT, code)


def _take(desk: Desk, share: Share, left: set[Owned], code: str) -> set[Owned]:
    taken: set[Owned] = set()
    known = {UNITS: ElementKind.UNIT, **desk.sections}
    for section, keys in share.takes.items():
        kind = known.get(section)
        if kind is None:
            fix = f"Use one of: {', '.join(sorted(known))}."
            desk.blame("takes", section, "is nothing that units own", fix)
            continue
        for key in keys:
            found = [one for one in left - taken if (one.kind, one.key) == (kind, key)]
            if not found:
                message = f"does not belong to {code}, or is taken already"
                desk.blame(section, key, message, "Name it once, where it goes.")
            for owned in found:
                taken.add(owned)
                _hand_over(desk, owned, share.unit)
    return taken


def _give_rest(desk: Desk, code: str, left: set[Owned], rest: str | None) -> None:
    if left and rest is None:
        names = ", ".join(f"{one.kind} {one.key}" for one in sorted(left)[:_NAMED])
        more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
        desk.blame(
            "into",
            code,
            f"leaves {names}{more} to nobody",
            "Name who takes each, or write `rest: true` at one successor.",
        )
        return
    for owned in sorted(left):
        _hand_over(desk, owned, rest or code)


def _hand_over(desk: Desk, owned: Owned, to: str) -> None:
    if owned.kind is ElementKind.UNIT:
        desk.move(owned.key, to)
    else:
        desk.give(owned, to)


def _people(desk: Desk, entry: Split, *, survives: bool) -> None:
    named = entry.people
    if named is None and not survives and bindings_of(desk, entry.split):
        desk.blame(
            "people",
            entry.split,
            "has roles in it, and several units follow",
            "Say which successor they go to, or `people: stay`.",
        )
    if named is None or named == STAY:
        return
    if named not in {share.unit for share in entry.into}:
        desk.blame("people", named, "is none of the successors", "Name one of them, or `stay`.")
    elif named != entry.split:
        desk.follow(entry.split, named)
