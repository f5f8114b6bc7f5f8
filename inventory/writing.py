"""Writes a plan into the caller's transaction, a whole kind at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, delete, select, update

from hatang import gates, scope
from hatang.drivers import hostkeys
from inventory import bulk, removing
from inventory.choices import ElementKind
from inventory.inbox.models import Deviation
from inventory.kinds.registry import KINDS, is_late
from inventory.models import Field, Unit
from inventory.scoping import Scopes, scopes
from inventory.snapshot import ssh_address
from inventory.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hatang.db import Base, WriteSession
    from inventory.planning import ImportPlan, PlannedRow
    from inventory.records import Fields
    from inventory.snapshot import Snapshot

    _Rows = dict[ElementKind, list[PlannedRow]]


_K: Final = ElementKind


@dataclass(slots=True)
class _Work:
    """One plan being written over one snapshot; `everything` is the state it leads to."""

    session: WriteSession
    plan: ImportPlan
    snapshot: Snapshot
    everything: dict[ElementKind, dict[str, Fields]]
    by_kind: tuple[_Rows, _Rows]
    scopes: Scopes = field(default_factory=dict)

    def created(self, kind: ElementKind) -> list[PlannedRow]:
        return self.by_kind[0].get(kind, [])

    def changed(self, kind: ElementKind) -> list[PlannedRow]:
        return self.by_kind[1].get(kind, [])

    def id_of(self, kind: ElementKind, key: str | None) -> int | None:
        return None if key is None else self.snapshot.ids[kind][key]


def model_of(kind: ElementKind) -> type[Base]:
    """Return the table of `kind`."""
    return KINDS[kind].model


def write(session: WriteSession, plan: ImportPlan, snapshot: Snapshot, by: str) -> None:
    """Write `plan`, made from `snapshot` in this very transaction; `by` enrols the host keys."""
    by_kind = (_by_kind(plan.created), _by_kind(plan.changed))
    work = _Work(session, plan, snapshot, _merged(plan, snapshot), by_kind)
    removing.remove(session, plan.removed, snapshot, {_K.LINK})  # a port takes one cable
    _write_units(work)
    work.scopes = scopes(work.everything, snapshot.scope_ids[_K.UNIT])
    for kind in ElementKind:
        if kind is not _K.UNIT:
            _insert(work, kind)
            _update(work, kind)
    for kind in ElementKind:
        _point_late(work, kind)
        _write_many(work, kind)
    _rescope(work)
    removing.remove(session, plan.removed, snapshot, set(_K) - {_K.LINK})
    _enrol_host_keys(work, by)
    _restate_intent(work)


def _by_kind(rows: Iterable[PlannedRow]) -> _Rows:
    found: _Rows = {}
    for row in rows:
        found.setdefault(row.kind, []).append(row)
    return found


def _merged(plan: ImportPlan, snapshot: Snapshot) -> dict[ElementKind, dict[str, Fields]]:
    merged = {kind: dict(rows) for kind, rows in snapshot.fields.items()}
    for row in (*plan.created, *plan.changed):
        rows = merged.setdefault(row.kind, {})
        after = {name: difference.after for name, difference in row.fields.items()}
        rows[row.key] = rows.get(row.key, {}) | after
    for row in plan.removed:
        del merged[row.kind][row.key]
    return merged


def _write_units(work: _Work) -> None:
    """Write units parents first: each brings its scope, which hangs under the parent's."""
    scope_ids, waiting = work.snapshot.scope_ids[_K.UNIT], work.created(_K.UNIT)
    while waiting:
        later = []
        for row in waiting:
            fields = work.everything[_K.UNIT][row.key]
            parent = fields.get("parent")
            if parent is not None and parent not in scope_ids:
                later.append(row)
                continue
            above = None if parent is None else scope_ids[parent]
            scope_ids[row.key] = scope.add(work.session, above)
            unit = Unit(
                **_columns(work, row.kind, row.key, fields),
                scope_id=scope_ids[row.key],
                parent_id=work.id_of(_K.UNIT, parent),
            )
            work.session.add(unit)
            work.session.flush()
            work.snapshot.ids[_K.UNIT][row.key] = unit.id
        waiting = later
    for row in work.changed(_K.UNIT):
        if "parent" in row.fields:
            parent = row.fields["parent"].after
            above = None if parent is None else scope_ids[parent]
            moved = scope_ids[row.key]
            if moved is not None:
                scope.move(work.session, moved, above)
            unit_id = work.snapshot.ids[_K.UNIT][row.key]
            values = {"parent_id": work.id_of(_K.UNIT, parent)}
            work.session.execute(update(Unit).where(Unit.id == unit_id).values(values))
    _update(work, _K.UNIT)


def _columns(work: _Work, word: ElementKind, key: str, fields: Fields) -> dict[str, Any]:
    """Return the columns of an element, but for references to what may not be written yet."""
    kind = KINDS[word]
    values = {column: fields.get(name, default) for name, column, default in _plain(word)}
    for name, column, target in _early(word):
        values[column] = work.id_of(target, fields.get(name))
    if kind.single_key is not None:
        values[kind.column(kind.single_key)] = key
    if kind.searched:
        values["search_text"] = fold(key, *(_searchable(fields.get(one)) for one in kind.searched))
    return values


@cache
def _plain(word: ElementKind) -> tuple[tuple[str, str, Any], ...]:
    kind = KINDS[word]
    return tuple((name, kind.column(name), kind.defaults.get(name)) for name in kind.plain)


@cache
def _early(word: ElementKind) -> tuple[tuple[str, str, ElementKind], ...]:
    kind = KINDS[word]
    named = kind.references.items()
    return tuple((name, kind.column(name), to) for name, to in named if not is_late(kind, name))


def _searchable(value: Any) -> str | None:
    return " ".join(value) if isinstance(value, list) else value


def _insert(work: _Work, word: ElementKind) -> None:
    created, kind = work.created(word), KINDS[word]
    if not created:
        return
    rows = [_columns(work, word, row.key, work.everything[word][row.key]) for row in created]
    ids = bulk.new_ids(work.session, kind, len(rows))
    for row, values, element_id in zip(created, rows, ids, strict=True):
        values["id"] = work.snapshot.ids[word][row.key] = element_id
        if kind.is_scoped:
            values["scope_id"] = work.scopes[word][row.key]
        for name, generate in kind.generated.items():
            if values[name] is None:
                values[name] = generate()
    bulk.insert_rows(work.session, kind.model, rows)


def _update(work: _Work, word: ElementKind) -> None:
    rows = [
        {
            "id": work.snapshot.ids[word][row.key],
            **_columns(work, word, row.key, work.everything[word][row.key]),
        }
        for row in work.changed(word)
    ]
    if rows and len(rows[0]) > 1:
        work.session.execute(update(KINDS[word].model), rows)


def _point_late(work: _Work, word: ElementKind) -> None:
    """Write the references that may point to what was written after them."""
    kind = KINDS[word]
    for name, target in kind.references.items():
        if word is _K.UNIT or not is_late(kind, name):
            continue
        rows = [
            {
                "id": work.snapshot.ids[word][row.key],
                kind.column(name): work.id_of(target, row.fields[name].after),
            }
            for row in (*work.created(word), *work.changed(word))
            if name in row.fields and row.fields[name] != (None, None)
        ]
        if rows:
            work.session.execute(update(kind.model), rows)


def _rescope(work: _Work) -> None:
    """Move what stood before to the scopes it has now: a site may have changed its unit."""
    has_moved = False
    for kind, before in work.snapshot.scope_ids.items():
        moved = [
            {"id": work.snapshot.ids[kind][key], "scope_id": work.scopes[kind][key]}
            for key, scope_id in before.items()
            if kind in work.scopes and work.scopes[kind].get(key, scope_id) != scope_id
        ]
        if not moved:
            continue
        work.session.execute(update(KINDS[kind].model), moved)
        follow(work.session, kind, moved)
        has_moved = True
    if has_moved:
        for follower in gates.all_of(gates.SCOPE):
            follower.follow(work.session)


def follow(session: WriteSession, kind: ElementKind, moved: Iterable[dict[str, Any]]) -> None:
    """Give what was observed of the `moved` (`id`, `scope_id`), and what differs, their scope."""
    for row in moved:
        scope_id = row["scope_id"]
        field = (Field.kind == kind.value, Field.element_id == row["id"])
        session.execute(update(Field).where(*field).values(scope_id=scope_id))
        differing = (Deviation.element_kind == kind.value, Deviation.element_id == row["id"])
        session.execute(update(Deviation).where(*differing).values(scope_id=scope_id))


def _write_many(work: _Work, word: ElementKind) -> None:
    kind = KINDS[word]
    for name, many in kind.many.items():
        touched = [
            (work.snapshot.ids[word][row.key], row.fields[name])
            for row in (*work.created(word), *work.changed(word))
            if name in row.fields
        ]
        owner = many.model.__table__.c[many.owner]
        held = [{"owner": owner_id} for owner_id, difference in touched if difference.before]
        if held:
            statement = delete(many.model).where(owner == bindparam("owner"))
            work.session.connection().execute(statement, held)
        rows = [
            {many.owner: owner_id, many.column: work.id_of(kind.target(name), key)}
            for owner_id, difference in touched
            for key in difference.after
        ]
        if rows:
            bulk.insert_rows(work.session, many.model, rows)


def _enrol_host_keys(work: _Work, by: str) -> None:
    for row in (*work.created(_K.DEVICE), *work.changed(_K.DEVICE)):
        keys = row.fields.get("host_keys")
        if keys is None or not keys.after:
            continue
        host, port = ssh_address(work.everything[_K.DEVICE][row.key])
        parsed = [hostkeys.parse_key(key, where=work.plan.filename) for key in keys.after]
        hostkeys.enrol(work.session, host, port, parsed, by)


def _restate_intent(work: _Work) -> None:
    """Tell the observations what is intended now, so that deviations stay a plain comparison."""
    observed = {
        (kind, element_id, name): row_id
        for row_id, kind, element_id, name in work.session.execute(
            select(Field.id, Field.kind, Field.element_id, Field.field)
        )
    }
    restated = list(_restated(work, observed))
    if restated:
        work.session.execute(update(Field), restated)


def stated(value: Any) -> Any:
    """Return an intended `value`, or None when it says nothing: empty is not an intention."""
    return None if value in ("", [], {}) else value


def _restated(work: _Work, observed: dict[tuple[str, int, str], int]) -> Iterable[dict[str, Any]]:
    for row in work.plan.changed:
        element_id = work.snapshot.ids[row.kind][row.key]
        for name, difference in row.fields.items():
            row_id = observed.get((row.kind.value, element_id, name))
            if row_id is not None:
                yield {"id": row_id, "intended": stated(difference.after)}
