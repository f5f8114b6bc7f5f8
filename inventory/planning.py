"""What an import would do, as a value to show, hash and compare; nothing is written here."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hatang.errors import InvalidInputError, Problem
from inventory.choices import ElementKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from inventory.records import Fields, Record, Records
    from inventory.sheets.findings import Reading
    from inventory.snapshot import Snapshot


class Ref(NamedTuple):
    """An element by kind and natural key."""

    kind: ElementKind
    key: str


def parse_choice(text: str) -> ElementKind | Ref:
    """Return the kind, or the row `KIND:KEY`, that `text` chooses.

    Raises:
        InvalidInputError: there is no such kind.
    """
    word, _, key = text.partition(":")
    if word not in set(ElementKind):
        close = get_close_matches(word, list(ElementKind), n=1)
        fix = f"Did you mean {close[0]!s}?" if close else f"Known are: {', '.join(ElementKind)}."
        raise InvalidInputError([Problem("request", "only", text[:80], "is no kind", fix)])
    return Ref(ElementKind(word), key) if key else ElementKind(word)


def spelt(choice: ElementKind | Ref) -> str:
    """Return a choice as `parse_choice` reads it."""
    return f"{choice.kind}:{choice.key}" if isinstance(choice, Ref) else str(choice)


class RefusedImportError(InvalidInputError):
    """A file with problems; `offered` are its sound rows by kind, of which a part may be taken."""

    def __init__(
        self, problems: list[Problem], offered: Mapping[ElementKind, tuple[str, ...]]
    ) -> None:
        super().__init__(problems)
        self.offered = offered


class Difference(NamedTuple):
    """One field's value before (None for a new element) and after."""

    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """An element to create, change or remove, field by field."""

    kind: ElementKind
    key: str
    fields: Mapping[str, Difference]

    @property
    def ref(self) -> Ref:
        """What it is about."""
        return Ref(self.kind, self.key)


@dataclass(frozen=True, slots=True)
class Prune:
    """Which absent elements go: those of the unit `scope` and below, of `kinds`.

    Without `kinds` they are the kinds that the file has rows of.
    """

    scope: str
    kinds: frozenset[ElementKind] = frozenset()


@dataclass(frozen=True, slots=True)
class Terms:
    """What of a file is taken: all of it, or `only` some kinds or rows; and what is pruned.

    Hidden parts of a workbook are left out unless `hidden`.
    """

    only: frozenset[ElementKind | Ref] = frozenset()
    prune: Prune | None = None
    hidden: bool = False


ALL: Final = Terms()


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do; `absent` stands in the database only, and stays there.

    `sha256` covers all that would be written and all that it would overwrite: two plans with the
    same hash do the same thing to the same base. `removed` is what pruning takes away, `left_out`
    what the file has and `terms` do not take, `dragged` what a chosen row brought along;
    `warnings` are doubts that stop nothing. `reading` says how a workbook was understood.
    """

    filename: str
    created: tuple[PlannedRow, ...]
    changed: tuple[PlannedRow, ...]
    unchanged: tuple[Ref, ...]
    absent: tuple[Ref, ...]
    sha256: str
    records: Records = field(repr=False, compare=False)
    reading: Reading | None = field(default=None, repr=False, compare=False)
    removed: tuple[PlannedRow, ...] = ()
    left_out: tuple[Ref, ...] = ()
    dragged: tuple[Ref, ...] = ()
    warnings: tuple[Problem, ...] = ()
    terms: Terms = field(default=ALL, repr=False, compare=False)
    file_sha256: str = field(default="", repr=False, compare=False)

    @property
    def is_empty(self) -> bool:
        """Whether applying it would write nothing."""
        return not self.created and not self.changed and not self.removed

    def counts(self) -> dict[str, int]:
        """Return how many elements are created, changed, removed, unchanged, absent."""
        return {
            "created": len(self.created),
            "changed": len(self.changed),
            "removed": len(self.removed),
            "unchanged": len(self.unchanged),
            "absent": len(self.absent),
        }


def plan(
    records: Records, snapshot: Snapshot, removed: Collection[Ref] = frozenset()
) -> ImportPlan:
    """Return what importing the checked `records` and removing `removed` would do."""
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
        absent += [
            Ref(kind, key)
            for key in existing
            if key not in asked and (not removed or Ref(kind, key) not in removed)
        ]
    gone = _removals(removed, snapshot)
    return ImportPlan(
        filename=records.where,
        created=tuple(created),
        changed=tuple(changed),
        unchanged=tuple(unchanged),
        absent=tuple(absent),
        sha256=digest(created, changed, gone),
        records=records,
        removed=gone,
    )


def _removals(removed: Collection[Ref], snapshot: Snapshot) -> tuple[PlannedRow, ...]:
    return tuple(
        PlannedRow(
            ref.kind,
            ref.key,
            {
                name: Difference(value, None)
                for name, value in snapshot.fields[ref.kind][ref.key].items()
            },
        )
        for ref in sorted(removed)
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


def digest(
    created: Iterable[PlannedRow], changed: Iterable[PlannedRow], removed: Iterable[PlannedRow]
) -> str:
    """Return the hash of what would be written and of what it would overwrite."""
    verbs = (("create", created), ("change", changed), ("remove", removed))
    rows = [[verb, row.kind, row.key, row.fields] for verb, group in verbs for row in group]
    text = json.dumps(rows, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
