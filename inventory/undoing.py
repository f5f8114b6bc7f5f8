"""How an import is taken back: what it did is kept, its inverse planned over what stands now."""

from __future__ import annotations

import json
import zlib
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Date

from hatang.audit.persons import is_pseudonym
from hatang.errors import Problem
from inventory.choices import ElementKind
from inventory.kinds.registry import KINDS
from inventory.planning import Difference, ImportPlan, PlannedRow, digest
from inventory.records import Record, Records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inventory.kinds.kind import Kind
    from inventory.records import Fields
    from inventory.snapshot import Snapshot


class Deeds(NamedTuple):
    """What an import did: every row it created, changed and removed."""

    created: tuple[PlannedRow, ...]
    changed: tuple[PlannedRow, ...]
    removed: tuple[PlannedRow, ...]


def pack(plan: ImportPlan) -> bytes:
    """Return what `plan` did, to be kept."""
    groups = (plan.created, plan.changed, plan.removed)
    rows = [[[row.kind, row.key, row.fields] for row in group] for group in groups]
    return packed(rows)


def packed(groups: list[Any]) -> bytes:
    """Return the groups of rows that `opened` gives back."""
    text = json.dumps(groups, ensure_ascii=False, default=str, separators=(",", ":"))
    return zlib.compress(text.encode(), level=1)


def opened(kept: bytes) -> list[Any]:
    """Return the groups of what `pack` kept: created, changed and removed rows."""
    groups: list[Any] = json.loads(zlib.decompress(kept))
    return groups


def unpack(kept: bytes) -> Deeds:
    """Return what `pack` kept."""
    return Deeds(*(tuple(_row(*row) for row in group) for group in opened(kept)))


def _row(word: str, key: str, fields: dict[str, list[Any]]) -> PlannedRow:
    kind = KINDS[ElementKind(word)]
    dates = _dates(kind)
    return PlannedRow(
        kind.kind,
        key,
        {
            name: Difference(*(_as_date(one) if name in dates else one for one in both))
            for name, both in fields.items()
        },
    )


def _dates(kind: Kind) -> set[str]:
    columns = kind.model.__table__.c
    return {name for name in kind.plain if isinstance(columns[name].type, Date)}


def _as_date(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def inverse(deeds: Deeds, snapshot: Snapshot, where: str) -> tuple[ImportPlan, list[Problem]]:
    """Return the plan that takes `deeds` back, and what later changes stand in its way.

    Enrolled host keys stay: proving a device is not undone by a list.
    """
    problems = [*_touched(deeds, snapshot, where), *_forgotten(deeds, where)]
    created = tuple(_turned(row) for row in deeds.removed)
    changed = tuple(row for row in map(_turned, deeds.changed) if row.fields)
    removed = tuple(
        PlannedRow(row.kind, row.key, _all_gone(snapshot.fields[row.kind].get(row.key, {})))
        for row in deeds.created
    )
    records = Records(where, allow_local=True)
    for row in (*created, *changed):
        after = {name: both.after for name, both in row.fields.items()}
        records.of(row.kind)[row.key] = Record(row.kind, row.key, after)
    plan = ImportPlan(
        filename=where,
        created=created,
        changed=changed,
        unchanged=(),
        absent=(),
        sha256=digest(created, changed, removed),
        records=records,
        removed=removed,
    )
    return plan, problems


def _turned(row: PlannedRow) -> PlannedRow:
    kept = {name for name in row.fields if name not in KINDS[row.kind].virtual}
    turned = {name: Difference(*reversed(row.fields[name])) for name in row.fields if name in kept}
    return PlannedRow(row.kind, row.key, turned)


def _all_gone(fields: Fields) -> dict[str, Difference]:
    return {name: Difference(value, None) for name, value in fields.items()}


def _forgotten(deeds: Deeds, where: str) -> Iterator[Problem]:
    """Yield a problem for every person or number in whose place a pseudonym stands by now."""
    for row in (*deeds.removed, *deeds.changed):
        for name, both in row.fields.items():
            if is_pseudonym(both.before):
                yield _problem(where, row, name, both.before, "is kept no longer")


def _touched(deeds: Deeds, snapshot: Snapshot, where: str) -> Iterator[Problem]:
    """Yield a problem for every field that is no longer what the import made it."""
    created = {row.ref for row in deeds.created}
    for row in deeds.removed:
        if row.key in snapshot.fields[row.kind]:
            yield _problem(where, row, "", row.key, "was added again since")
    for row in (*deeds.changed, *deeds.created):
        held = snapshot.fields[row.kind].get(row.key)
        if held is None:
            yield _problem(where, row, "", row.key, "was removed since")
            continue
        made = {name: both.after for name, both in row.fields.items()}
        if row.ref in created:
            made = _unsaid(KINDS[row.kind]) | made
        for name, value in made.items():
            if name not in KINDS[row.kind].virtual and held[name] != value:
                yield _problem(where, row, name, held[name], "was changed since")


def _unsaid(kind: Kind) -> Fields:
    """Return what a new element holds where nobody said; but for what is generated."""
    said = {name: kind.defaults.get(name) for name in kind.plain if name not in kind.generated}
    return said | dict.fromkeys(kind.references) | {name: [] for name in kind.many}


def _problem(where: str, row: PlannedRow, name: str, value: object, message: str) -> Problem:
    field = f"{row.kind} {row.key}" + (f" {name}" if name else "")
    fix = "Undo the later change first, or correct by a new import."
    return Problem(where, field, str(value)[:80], message, fix)
