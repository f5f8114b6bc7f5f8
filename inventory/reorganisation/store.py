"""The province of the database as reorganisations see it, and a plan written into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select, update

from hatang import scope
from hatang.auth.models import User, UserRole
from inventory import snapshot as snapshots
from inventory.choices import ElementKind
from inventory.kinds.registry import KINDS
from inventory.models import Unit
from inventory.reorganisation.models import Belonged, UnitPast, UnitSuccession
from inventory.reorganisation.state import Binding, Owned, Province, UnitState
from inventory.scoping import scopes
from inventory.text import fold
from inventory.writing import follow

if TYPE_CHECKING:
    from datetime import date

    from hatang.db import AnySession, WriteSession
    from inventory.reorganisation.plan import ReorganisationPlan, UnitChange

# What belongs to a unit by itself and not through something else.
OWNED: Final[dict[ElementKind, dict[str, str]]] = {
    word: {
        name: kind.column(name)
        for name, target in kind.references.items()
        if target is ElementKind.UNIT
    }
    for word, kind in KINDS.items()
    if word is not ElementKind.UNIT
}
SECTIONS: Final = {KINDS[word].section: word for word, fields in OWNED.items() if fields}


def load(session: AnySession) -> Province:
    """Return units, owners and roles as they stand; a few statements whatever the size."""
    rows = session.execute(
        select(
            Unit.id,
            Unit.code,
            Unit.name,
            Unit.kind,
            Unit.parent_id,
            Unit.valid_from,
            Unit.valid_to,
            Unit.scope_id,
        )
    ).all()
    codes = {row.id: row.code for row in rows}
    return Province(
        units={
            row.code: UnitState(
                row.name,
                row.kind,
                None if row.parent_id is None else codes[row.parent_id],
                row.valid_from,
                row.valid_to,
            )
            for row in rows
        },
        owners=_owners(session, codes),
        bindings=_bindings(session, {row.scope_id: row.code for row in rows}),
        unit_changed_on=_changed_on(session, codes),
        owner_changed_on=_given_on(session),
        taken_codes=frozenset(session.scalars(select(UnitPast.code))),
    )


def _owners(session: AnySession, codes: dict[int, str]) -> dict[Owned, str]:
    found: dict[Owned, str] = {}
    for kind in SECTIONS.values():
        for field, column in OWNED[kind].items():
            units = _column(session, kind, column)
            for element_id, key in keys_of(session, kind).items():
                if units[element_id] is not None:
                    found[Owned(kind, key, field)] = codes[units[element_id]]
    return found


def keys_of(session: AnySession, kind: ElementKind) -> dict[int, str]:
    """Return the natural key of every element of a kind that units own, by id.

    Where a part of the key is a reference the id stands for it: no kind that units own has one.
    """
    declared = KINDS[kind]
    parts = [
        _column(session, kind, declared.column(name))
        for name in declared.row.key_fields
        if name in declared.plain or name == declared.single_key
    ]
    if not parts:
        return {one: str(one) for one in _column(session, kind, "id")}
    keyed = zip(*(part.values() for part in parts), strict=True)
    return {
        one: declared.separator.join(map(str, values))
        for one, values in zip(parts[0], keyed, strict=True)
    }


def _column(session: AnySession, kind: ElementKind, name: str) -> dict[int, Any]:
    columns = KINDS[kind].model.__table__.c
    rows = session.execute(select(columns.id, columns[name]).order_by(columns.id))
    return dict(rows.all())


def _bindings(session: AnySession, codes: dict[int, str]) -> tuple[Binding, ...]:
    rows = session.execute(
        select(UserRole.id, User.name, UserRole.role, UserRole.scope_id)
        .join(User, UserRole.user_id == User.id)
        .where(UserRole.scope_id.is_not(None))
        .order_by(UserRole.id)
    )
    return tuple(
        Binding(row_id, person, role, codes[scope_id])
        for row_id, person, role, scope_id in rows
        if scope_id in codes
    )


def _changed_on(session: AnySession, codes: dict[int, str]) -> dict[str, date]:
    rows = session.execute(select(UnitPast.unit_id, func.max(UnitPast.until)).group_by("unit_id"))
    return {codes[unit_id]: until for unit_id, until in rows}


def _given_on(session: AnySession) -> dict[Owned, date]:
    rows = session.execute(
        select(
            Belonged.kind, Belonged.element_id, Belonged.field, func.max(Belonged.until)
        ).group_by(Belonged.kind, Belonged.element_id, Belonged.field)
    ).all()
    names = {kind: keys_of(session, ElementKind(kind)) for kind in {row.kind for row in rows}}
    return {
        Owned(ElementKind(kind), names[kind][element_id], field): until
        for kind, element_id, field, until in rows
        if element_id in names[kind]
    }


def write(session: WriteSession, plan: ReorganisationPlan) -> None:
    """Write `plan`, made from the province of this very transaction."""
    session.execute(select(Unit.id).with_for_update())
    units = {unit.code: unit for unit in session.scalars(select(Unit))}
    _write_past(session, plan, units)
    _create(session, plan, units)
    _change(session, plan, units)
    _transfer(session, plan, units)
    _succeed(session, plan, units)
    _remember(plan, units)
    _bind(session, plan, units)
    session.flush()
    _rescope(session)


def _write_past(session: WriteSession, plan: ReorganisationPlan, units: dict[str, Unit]) -> None:
    for change in plan.units:
        if change.before is not None:
            unit = units[change.code]
            session.add(
                UnitPast(
                    unit_id=unit.id,
                    until=plan.effective_on,
                    code=unit.code,
                    name=unit.name,
                    kind=unit.kind,
                    parent_id=unit.parent_id,
                    search_text=unit.search_text,
                )
            )
    session.flush()


def _create(session: WriteSession, plan: ReorganisationPlan, units: dict[str, Unit]) -> None:
    """Let units begin, at first as roots: their parents may begin with them."""
    for change in plan.units:
        if change.before is None:
            unit = Unit(
                scope_id=scope.add(session),
                code=change.code,
                parent_id=None,
                aliases=[],
                **_plain(change),
            )
            session.add(unit)
            session.flush()
            units[change.code] = unit


def _plain(change: UnitChange) -> dict[str, Any]:
    after = change.after
    return {
        "name": after.name,
        "kind": after.kind,
        "valid_from": after.valid_from,
        "valid_to": after.valid_to,
    }


def _change(session: WriteSession, plan: ReorganisationPlan, units: dict[str, Unit]) -> None:
    by_new = {**units, **{change.new_code: units[change.code] for change in plan.units}}
    moved = []
    for change in plan.units:
        unit = units[change.code]
        parent = None if change.after.parent is None else by_new[change.after.parent]
        parent_id = None if parent is None else parent.id
        if unit.parent_id != parent_id:
            moved.append((unit, parent))
        unit.code, unit.parent_id = change.new_code, parent_id
        for name, value in _plain(change).items():
            setattr(unit, name, value)
    session.flush()
    # First away from where they hung, then down: on the way no scope may hang below itself.
    for unit, _parent in moved:
        scope.move(session, unit.scope_id, None)
    for unit, parent in moved:
        scope.move(session, unit.scope_id, None if parent is None else parent.scope_id)


def _transfer(session: WriteSession, plan: ReorganisationPlan, units: dict[str, Unit]) -> None:
    ids: dict[ElementKind, dict[str, int]] = {}
    for transfer in plan.transfers:
        kind = transfer.owned.kind
        if kind not in ids:
            ids[kind] = {key: one for one, key in keys_of(session, kind).items()}
        element_id = ids[kind][transfer.owned.key]
        before, after = units[transfer.before].id, units[transfer.after].id
        session.add(
            Belonged(
                kind=kind.value,
                element_id=element_id,
                field=transfer.owned.field,
                unit_id=before,
                until=plan.effective_on,
            )
        )
        column = OWNED[kind][transfer.owned.field]
        model = KINDS[kind].model
        statement = update(model).where(model.__table__.c.id == element_id)
        session.execute(statement.values({column: after}))


def _succeed(session: WriteSession, plan: ReorganisationPlan, units: dict[str, Unit]) -> None:
    for predecessor, successor in plan.successions:
        row = UnitSuccession(
            predecessor_id=units[predecessor].id,
            successor_id=units[successor].id,
            effective_on=plan.effective_on,
        )
        session.merge(row)


def _remember(plan: ReorganisationPlan, units: dict[str, Unit]) -> None:
    """Let former codes and names find who goes on."""
    for predecessor, successor in plan.successions:
        old = units[predecessor]
        _alias(units[successor], old.code, old.name, *old.aliases)
    for change in plan.units:
        unit, before = units[change.code], change.before
        if before is not None and (before.name, change.code) != (unit.name, unit.code):
            _alias(unit, change.code, before.name)
    for unit in units.values():
        unit.search_text = fold(unit.code, unit.name, " ".join(unit.aliases))


def _alias(unit: Unit, *words: str) -> None:
    more = [word for word in dict.fromkeys(words) if word not in (unit.code, unit.name)]
    # A new list: a change inside one is not seen.
    unit.aliases = [*unit.aliases, *(word for word in more if word not in unit.aliases)]


def _bind(session: WriteSession, plan: ReorganisationPlan, units: dict[str, Unit]) -> None:
    by_code = {unit.code: unit for unit in units.values()}
    held = {
        (row.user_id, row.role, row.scope_id): row.id for row in session.scalars(select(UserRole))
    }
    for sight in plan.sights:
        row = session.get(UserRole, sight.id)
        wanted = by_code[sight.after].scope_id
        if row is None or row.scope_id == wanted:
            continue
        if held.setdefault((row.user_id, row.role, wanted), row.id) != row.id:
            session.delete(row)  # the person had the role in two units that are one now
        else:
            row.scope_id = wanted
    session.flush()


def _rescope(session: WriteSession) -> None:
    """Give every element the scope of the unit it belongs to now, observations with it."""
    base = snapshots.take(session)
    wanted = scopes(base.fields, base.scope_ids[ElementKind.UNIT])
    for kind, held in base.scope_ids.items():
        if kind is ElementKind.UNIT or not KINDS[kind].is_scoped:
            continue
        moved = [
            {"id": base.ids[kind][key], "scope_id": wanted[kind][key]}
            for key, scope_id in held.items()
            if wanted[kind][key] != scope_id
        ]
        if not moved:
            continue
        session.execute(update(KINDS[kind].model), moved)
        follow(session, kind, moved)
