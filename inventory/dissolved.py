"""Files from before a reorganisation: they must not undo it by naming units that are dissolved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatang import clock
from inventory.choices import ElementKind
from inventory.kinds.registry import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.errors import Problem
    from inventory.records import Record, Records
    from inventory.snapshot import Snapshot

_UNIT = ElementKind.UNIT


def check(records: Records, snapshot: Snapshot) -> Iterator[Problem]:
    """Yield what would go back to a dissolved unit, with who follows it.

    A unit is dissolved when its last day is past and others carry its code among their aliases.
    What belongs to it already, and stays, is nobody's fault.
    """
    gone = _dissolved(snapshot)
    if not gone:
        return
    for kind in KINDS.values():
        names = [name for name, target in kind.references.items() if target is _UNIT]
        held = snapshot.fields.get(kind.kind, {})
        for record in records.of(kind.kind).values() if names else ():
            before = held.get(record.key, {})
            for name in names:
                value = record.fields.get(name)
                if value in gone and value != before.get(name):
                    yield _blame(records, record, (name, value), gone[value])
    for unit in records.of(_UNIT).values():
        if unit.key in gone and "parent" in unit.fields:
            parent, before = unit.fields["parent"], snapshot.fields[_UNIT][unit.key]["parent"]
            if parent != before and parent not in gone:  # else told already
                yield _blame(records, unit, ("parent", unit.key), gone[unit.key])


def _dissolved(snapshot: Snapshot) -> dict[str, list[str]]:
    """Return the units that are dissolved, with the codes of who follows each."""
    today = clock.now().date()
    units = snapshot.fields.get(_UNIT, {})
    ended = {
        code
        for code, fields in units.items()
        if fields["valid_to"] is not None and fields["valid_to"] < today
    }
    found: dict[str, list[str]] = {}
    for code, fields in units.items():
        for alias in fields.get("aliases") or () if ended else ():
            if alias in ended and code not in ended:
                found.setdefault(alias, []).append(code)
    return found


def _blame(
    records: Records, record: Record, what: tuple[str, str], followers: list[str]
) -> Problem:
    name, value = what
    fix = f"Write who follows it: {', '.join(sorted(followers))}; or leave the row out."
    return record.problem(records.where, name, value, "is a dissolved unit", fix)
