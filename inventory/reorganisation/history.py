"""The past as it was: units, where they hung, and what belonged to them on a day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from hatang import scope
from inventory.kinds.registry import KINDS
from inventory.models import Unit
from inventory.reorganisation.models import Belonged, UnitPast, UnitSuccession
from inventory.reorganisation.store import OWNED, keys_of
from inventory.rows import UnitRow
from inventory.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.choices import ElementKind

_MANY = 200


@dataclass(frozen=True, slots=True)
class UnitName:
    """A unit by code and name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Successor:
    """Who follows a unit, since when."""

    code: str
    name: str
    effective_on: date


@dataclass(frozen=True, slots=True)
class FoundUnit:
    """A unit, what it was called before, whom it follows and who follows it."""

    unit: UnitRow
    former: tuple[UnitName, ...]
    successors: tuple[Successor, ...]
    predecessors: tuple[Successor, ...]


def units_as_of(session: AnySession, actor: Actor, on: date) -> tuple[UnitRow, ...]:
    """Return the units that existed on the day, called and hung as they were then."""
    current = {
        unit.id: unit
        for unit in session.scalars(
            select(Unit).where(scope.visible(actor, Unit.scope_id)).order_by(Unit.code)
        )
    }
    past = _past(session, on)
    codes = dict(session.execute(select(Unit.id, Unit.code)).all())
    codes |= {unit_id: row.code for unit_id, row in past.items()}
    rows = (_row(unit, past.get(unit_id), codes) for unit_id, unit in current.items())
    return tuple(sorted((row for row in rows if _is_valid(row, on)), key=lambda row: row.code))


def _past(session: AnySession, on: date) -> dict[int, UnitPast]:
    statement = select(UnitPast).where(UnitPast.until > on)
    found: dict[int, UnitPast] = {}
    for row in session.scalars(statement.order_by(UnitPast.until.desc(), UnitPast.id.desc())):
        found[row.unit_id] = row  # the earliest after the day comes last, and stays
    return found


def _row(unit: Unit, past: UnitPast | None, codes: dict[int, str]) -> UnitRow:
    state: Unit | UnitPast = unit if past is None else past
    return UnitRow(
        id=unit.id,
        scope_id=unit.scope_id,
        code=state.code,
        name=state.name,
        kind=state.kind,
        parent=None if state.parent_id is None else codes[state.parent_id],
        valid_from=unit.valid_from,
        valid_to=unit.valid_to,
        aliases=tuple(unit.aliases),
    )


def _is_valid(row: UnitRow, on: date) -> bool:
    begun = row.valid_from is None or row.valid_from <= on
    return begun and (row.valid_to is None or on <= row.valid_to)


def owners_as_of(
    session: AnySession, actor: Actor, kind: ElementKind, on: date, field: str = "unit"
) -> dict[str, str]:
    """Return for each element of `kind` in sight the code, as of the day, of its unit then.

    It answers for what exists now: what was removed since is not there any more.
    """
    model = KINDS[kind].model.__table__.c
    column = model[OWNED[kind][field]]
    rows = session.execute(
        select(model.id, column).where(scope.visible(actor, model.scope_id), column.is_not(None))
    )
    units: dict[int, int] = dict(rows.all())
    belonged = select(Belonged).where(
        Belonged.kind == kind.value, Belonged.field == field, Belonged.until > on
    )
    for row in session.scalars(belonged.order_by(Belonged.until.desc(), Belonged.id.desc())):
        if row.element_id in units:
            units[row.element_id] = row.unit_id
    codes = dict(session.execute(select(Unit.id, Unit.code)).all())
    codes |= {unit_id: one.code for unit_id, one in _past(session, on).items()}
    keys = keys_of(session, kind)
    return {keys[element_id]: codes[unit_id] for element_id, unit_id in units.items()}


def find_units(session: AnySession, actor: Actor, text: str) -> tuple[FoundUnit, ...]:
    """Return the units that `text` names by a code, or by part of a name, of today or before.

    At most 200, today's units first; "hue" finds "Huế". What lies beyond the actor's reach is
    left out, also of who follows whom.
    """
    folded = fold(text)
    former = select(UnitPast.unit_id).where(
        or_(UnitPast.code == text, UnitPast.search_text.contains(folded, autoescape=True))
    )
    wanted = or_(
        Unit.code == text,
        Unit.search_text.contains(folded, autoescape=True),
        Unit.id.in_(former),
    )
    visible = scope.visible(actor, Unit.scope_id)
    order = (Unit.valid_to.is_not(None), Unit.code)
    statement = select(Unit).where(visible, wanted).order_by(*order).limit(_MANY)
    return _found(session, actor, list(session.scalars(statement)))


def _found(session: AnySession, actor: Actor, units: list[Unit]) -> tuple[FoundUnit, ...]:
    ids = [unit.id for unit in units]
    parents = {unit.parent_id for unit in units if unit.parent_id is not None}
    codes = dict(session.execute(select(Unit.id, Unit.code).where(Unit.id.in_(parents))).all())
    former = _former(session, ids)
    after = _successions(session, actor, ids, forward=True)
    before = _successions(session, actor, ids, forward=False)
    return tuple(
        FoundUnit(
            _row(unit, None, codes),
            tuple(one for one in former[unit.id] if one != UnitName(unit.code, unit.name)),
            tuple(after[unit.id]),
            tuple(before[unit.id]),
        )
        for unit in units
    )


def _former(session: AnySession, ids: Iterable[int]) -> dict[int, list[UnitName]]:
    found: dict[int, list[UnitName]] = defaultdict(list)
    statement = select(UnitPast).where(UnitPast.unit_id.in_(ids)).order_by(UnitPast.id)
    for row in session.scalars(statement):
        name = UnitName(row.code, row.name)
        if name not in found[row.unit_id]:
            found[row.unit_id].append(name)
    return found


def _successions(
    session: AnySession, actor: Actor, ids: Iterable[int], *, forward: bool
) -> dict[int, list[Successor]]:
    other = aliased(Unit)
    own, far = UnitSuccession.predecessor_id, UnitSuccession.successor_id
    if not forward:
        own, far = far, own
    columns: tuple[Any, ...] = (own, other.code, other.name, UnitSuccession.effective_on)
    seen = scope.visible(actor, other.scope_id)
    statement = select(*columns).join(other, far == other.id).where(own.in_(ids), seen)
    found: dict[int, list[Successor]] = defaultdict(list)
    for unit_id, *rest in session.execute(statement.order_by(own, other.code)):
        found[unit_id].append(Successor(*rest))
    return found
