"""A part of a file: the chosen rows, and what they cannot stand without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inventory.kinds.registry import KINDS
from inventory.planning import Ref
from inventory.records import Records

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from inventory.choices import ElementKind
    from inventory.records import Record
    from inventory.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Selection:
    """The records taken, what was dragged along with the chosen, and what is left out.

    `unknown` was chosen, but the file has no such row.
    """

    records: Records
    dragged: tuple[Ref, ...]
    left_out: tuple[Ref, ...]
    unknown: tuple[Ref, ...]


def select(records: Records, snapshot: Snapshot, only: Collection[ElementKind | Ref]) -> Selection:
    """Return the part of `records` that `only` names: whole kinds, or single rows.

    A chosen row brings the rows inside it, and those it refers to that the inventory does not
    have yet. Problems of form count only where a row is taken.
    """
    chosen = set(_chosen(records, only))
    taken = dict.fromkeys(chosen)
    waiting = list(chosen)
    while waiting:
        record = _record(records, waiting.pop())
        for ref in _needed(records, record) if record is not None else ():
            known = ref.key in snapshot.fields.get(ref.kind, {})
            if ref not in taken and not known:
                taken[ref] = None
                waiting.append(ref)
    rows = [ref for ref in taken if _record(records, ref) is not None]
    part = Records(records.where, allow_local=records.allow_local, broken=records.broken)
    part.problems = [
        problem
        for at, problem in enumerate(records.problems)
        if at not in records.blamed or records.blamed[at] in taken
    ]
    for kind in records.found:
        for key, record in records.of(kind).items():
            if Ref(kind, key) in taken:
                part.of(kind)[key] = record
    return Selection(
        records=part,
        dragged=tuple(sorted(ref for ref in rows if ref not in chosen)),
        left_out=tuple(
            Ref(kind, key)
            for kind, found in records.found.items()
            for key, record in found.items()
            if Ref(kind, key) not in taken and not record.is_implied
        ),
        unknown=tuple(sorted(ref for ref in chosen if not _is_in(records, ref))),
    )


def _chosen(records: Records, only: Collection[ElementKind | Ref]) -> Iterator[Ref]:
    inside: dict[Ref, list[Ref]] = {}
    for kind in KINDS.values():
        if kind.nested_in is not None:
            owner = kind.row.key_fields[0]
            for key, record in records.of(kind.kind).items():
                outer = Ref(kind.nested_in, record.fields[owner])
                inside.setdefault(outer, []).append(Ref(kind.kind, key))
    for one in only:
        if isinstance(one, Ref):
            refs = [one]
        else:
            broken = records.broken.get(one, set())
            refs = [Ref(one, key) for key in (*records.of(one), *broken)]
        for ref in refs:
            yield ref
            yield from inside.get(ref, ())


def _record(records: Records, ref: Ref) -> Record | None:
    return records.of(ref.kind).get(ref.key)


def _is_in(records: Records, ref: Ref) -> bool:
    return _record(records, ref) is not None or ref.key in records.broken.get(ref.kind, ())


def _needed(records: Records, record: Record) -> Iterator[Ref]:
    kind = KINDS[record.kind]
    for name in (*kind.references, *kind.many):
        value = record.fields.get(name)
        for key in value if isinstance(value, list) else [value]:
            ref = None if key is None else Ref(kind.target(name), key)
            if ref is not None and _is_in(records, ref):
                yield ref
