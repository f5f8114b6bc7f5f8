"""What may be removed: absent elements of a part of the tree, to which nothing else refers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatang.errors import Problem
from inventory.kinds.registry import KINDS
from inventory.planning import Ref

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from inventory.choices import ElementKind
    from inventory.kinds.kind import Kind
    from inventory.planning import Prune
    from inventory.records import Fields, Records
    from inventory.snapshot import Snapshot


def absent(records: Records, snapshot: Snapshot, prune: Prune, scopes: Collection[int]) -> set[Ref]:
    """Return the elements to remove, within `scopes`: those absent, and the parts of those.

    Kinds common to the whole province are never pruned.
    """
    kinds = prune.kinds or {kind for kind in KINDS if _is_spoken_of(records, kind)}
    found = {
        Ref(kind, key)
        for kind in kinds
        if KINDS[kind].is_scoped
        for key in snapshot.fields.get(kind, {})
        if key not in records.of(kind) and snapshot.scope_ids[kind][key] in scopes
    }
    return found | set(parts(found, snapshot))


def _is_spoken_of(records: Records, kind: ElementKind) -> bool:
    return any(not record.is_implied for record in records.of(kind).values())


def parts(removed: Collection[Ref], snapshot: Snapshot) -> Iterator[Ref]:
    """Yield what goes with the removed because it stands inside them: interfaces, modules."""
    for kind in KINDS.values():
        if kind.nested_in is None:
            continue
        owners = {ref.key for ref in removed if ref.kind is kind.nested_in}
        owner = kind.row.key_fields[0]
        if owners:
            for key, fields in snapshot.fields.get(kind.kind, {}).items():
                if fields[owner] in owners:
                    yield Ref(kind.kind, key)


def without(snapshot: Snapshot, removed: Collection[Ref]) -> Snapshot:
    """Return the snapshot as if the removed had never been there."""
    gone: dict[ElementKind, set[str]] = {}
    for ref in removed:
        gone.setdefault(ref.kind, set()).add(ref.key)
    fields = {
        kind: {key: one for key, one in rows.items() if key not in gone[kind]}
        if kind in gone
        else rows
        for kind, rows in snapshot.fields.items()
    }
    return type(snapshot)(fields, snapshot.ids, snapshot.scope_ids, snapshot.keys)


def referrers(records: Records, snapshot: Snapshot, removed: Collection[Ref]) -> Iterator[Problem]:
    """Yield a problem for each removed element that something that stays refers to."""
    gone: dict[ElementKind, set[str]] = {}
    for ref in removed:
        gone.setdefault(ref.kind, set()).add(ref.key)
    for kind in KINDS.values():
        names = [name for name in (*kind.references, *kind.many) if kind.target(name) in gone]
        if not names:
            continue
        for key, fields in _remaining(records, snapshot, kind, gone.get(kind.kind, set())):
            for name in names:
                value = fields.get(name)
                for one in value if isinstance(value, list) else (value,):
                    if one in gone[kind.target(name)]:
                        target = kind.target(name)
                        message = f"is still the {name} of {kind.kind} {key}"
                        fix = f"Remove the {kind.kind} too, or let it name another {target}."
                        yield Problem(records.where, target, str(one), message, fix)


def _remaining(
    records: Records, snapshot: Snapshot, kind: Kind, gone: set[str]
) -> Iterator[tuple[str, Fields]]:
    asked = records.of(kind.kind)
    for key, fields in snapshot.fields.get(kind.kind, {}).items():
        if key not in gone:
            yield key, fields | asked[key].fields if key in asked else fields
    for key, record in asked.items():
        if key not in snapshot.fields.get(kind.kind, {}):
            yield key, record.fields
