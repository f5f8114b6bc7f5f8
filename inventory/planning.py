"""What an import would do, as a value to show, hash and compare; nothing is written here."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from inventory.choices import ElementKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inventory.records import Fields, Record, Records
    from inventory.sheets.findings import Reading
    from inventory.snapshot import Snapshot


class Ref(NamedTuple):
    """An element by kind and natural key."""

    kind: ElementKind
    key: str


class Difference(NamedTuple):
    """One field's value before (None for a new element) and after."""

    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """An element to create or change, field by field."""

    kind: ElementKind
    key: str
    fields: Mapping[str, Difference]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do; `absent` stands in the database only, and stays there.

    `sha256` covers all that would be written and all that it would overwrite: two plans with the
    same hash do the same thing to the same base. `reading` says how a workbook was understood.
    """

    filename: str
    created: tuple[PlannedRow, ...]
    changed: tuple[PlannedRow, ...]
    unchanged: tuple[Ref, ...]
    absent: tuple[Ref, ...]
    sha256: str
    records: Records = field(repr=False, compare=False)
    reading: Reading | None = field(default=None, repr=False, compare=False)

    @property
    def is_empty(self) -> bool:
        """Whether applying it would write nothing."""
        return not self.created and not self.changed

    def counts(self) -> dict[str, int]:
        """Return how many elements are created, changed, unchanged, absent."""
        return {
            "created": len(self.created),
            "changed": len(self.changed),
            "unchanged": len(self.unchanged),
            "absent": len(self.absent),
        }


def plan(records: Records, snapshot: Snapshot) -> ImportPlan:
    """Return what importing the checked `records` over `snapshot` would do."""
    created: list[PlannedRow] = []
    changed: list[PlannedRow] = []
    unchanged: list[Ref] = []
    absent: list[Ref] = []
    for kind in ElementKind:
        existing, asked = snapshot.fields.get(kind, {}), records.of(kind)
        for key, record in asked.items():
            held = existing.get(key)
            fields = _differences(held, _completed(record, held))
            if held is None:
                created.append(PlannedRow(kind, key, fields))
            elif fields:
                changed.append(PlannedRow(kind, key, fields))
            else:
                unchanged.append(Ref(kind, key))
        absent += [Ref(kind, key) for key in existing if key not in asked]
    return ImportPlan(
        filename=records.where,
        created=tuple(created),
        changed=tuple(changed),
        unchanged=tuple(unchanged),
        absent=tuple(absent),
        sha256=_digest(created, changed),
        records=records,
    )


def _completed(record: Record, held: Fields | None) -> Fields:
    # An import enrols host keys and never withdraws one: those held stay.
    if held is None or "host_keys" not in record.fields:
        return record.fields
    keys = sorted({*record.fields["host_keys"], *held["host_keys"]})
    return {**record.fields, "host_keys": keys}


def _differences(held: Fields | None, asked: Fields) -> dict[str, Difference]:
    if held is None:
        return {name: Difference(None, value) for name, value in asked.items()}
    return {
        name: Difference(held[name], value) for name, value in asked.items() if held[name] != value
    }


def _digest(created: list[PlannedRow], changed: list[PlannedRow]) -> str:
    rows = [
        [verb, row.kind, row.key, row.fields]
        for verb, group in (("create", created), ("change", changed))
        for row in group
    ]
    text = json.dumps(rows, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
