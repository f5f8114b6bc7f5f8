"""Takes elements out of their tables, and asks the tables of every package who refers to them.

What other packages keep of an element (versions of its configuration, changes, meetings) is
history: such an element is not removed but retired by its status.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, func, select, update

from hatang import scope
from hatang.db import Base
from hatang.errors import Problem
from hatang.scope.models import Scope, ScopeClosure
from inventory.choices import ElementKind
from inventory.discovery.models import KnownDevice
from inventory.inbox.models import Deviation
from inventory.kinds.registry import KINDS, is_late
from inventory.models import Field, Unit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sqlalchemy import Column

    from hatang.db import AnySession, WriteSession
    from inventory.planning import PlannedRow, Ref
    from inventory.snapshot import Snapshot

# SQLite takes 32,766 parameters a statement; this many are quick and far from it.
_AT_ONCE: Final = 1000
_OWN: Final = frozenset(
    {kind.model.__tablename__ for kind in KINDS.values()}
    | {many.model.__tablename__ for kind in KINDS.values() for many in kind.many.values()}
    | {Field.__tablename__, Scope.__tablename__, ScopeClosure.__tablename__}
)


def referred(
    session: AnySession, removed: Collection[Ref], snapshot: Snapshot, where: str
) -> Iterator[Problem]:
    """Yield a problem for each element to remove that another package keeps something of."""
    for word in ElementKind:
        ids = [snapshot.ids[word][ref.key] for ref in removed if ref.kind is word]
        if not ids:
            continue
        own = snapshot.keys[word]
        yield from _kept(session, word, (where, KINDS[word].model.__tablename__), own, ids)
        if word is ElementKind.UNIT:
            codes = {scope_id: own[at] for scope_id, at in _scopes_of(session, ids).items()}
            scopes = (where, Scope.__tablename__)
            yield from _kept(session, word, scopes, codes, list(codes))


def _kept(
    session: AnySession,
    word: ElementKind,
    place: tuple[str, str],
    keys: dict[int, str],
    ids: list[int],
) -> Iterator[Problem]:
    where, table = place
    for column in _foreign_columns(table):
        for some in _batches(ids):
            held = session.scalars(select(column).where(column.in_(some)).distinct())
            for element_id in held:
                message = f"is still needed by {column.table.name}"
                fix = "Keep it, and retire it by its status: what refers to it is history."
                yield Problem(where, word, keys[element_id], message, fix)


def _foreign_columns(table: str) -> Iterator[Column[Any]]:
    for other in Base.metadata.sorted_tables:
        for key in other.foreign_keys if other.name not in _OWN else ():
            if key.column.table.name == table and key.ondelete is None:
                yield key.parent


def remove(
    session: WriteSession,
    rows: Sequence[PlannedRow],
    snapshot: Snapshot,
    kinds: Collection[ElementKind],
) -> None:
    """Delete the `rows` that are of these kinds; what is written last goes first."""
    ids: dict[ElementKind, list[int]] = {}
    for row in rows:
        if row.kind in kinds:
            ids.setdefault(row.kind, []).append(snapshot.ids[row.kind][row.key])
    for word, own in ids.items():
        for some in _batches(own):
            _point_nowhere(session, word, some)
    for word in reversed(ElementKind):
        own = ids.get(word, [])
        scopes = _scopes_of(session, own) if word is ElementKind.UNIT else {}
        for some in _batches(own):
            _delete(session, word, some)
        for scope_id in scopes:
            scope.remove(session, scope_id)


def take_out(session: WriteSession, word: ElementKind, ids: Sequence[int]) -> None:
    """Delete elements of one kind with what is their own; nothing else may refer to them."""
    for some in _batches(list(ids)):
        _point_nowhere(session, word, some)
        _delete(session, word, some)
    session.flush()


def _point_nowhere(session: WriteSession, word: ElementKind, ids: list[int]) -> None:
    """Let go of what the elements refer to and is removed before them, or with them."""
    kind = KINDS[word]
    for many in kind.many.values():
        owner = many.model.__table__.c[many.owner]
        session.execute(delete(many.model).where(owner.in_(ids)))
    late = {kind.column(name): None for name in kind.references if is_late(kind, name)}
    if late:
        own = kind.model.__table__.c.id.in_(ids)
        session.execute(update(kind.model).where(own).values(late))


def _delete(session: WriteSession, word: ElementKind, ids: list[int]) -> None:
    kind = KINDS[word]
    # No foreign key: SQLite gives a number that became free to the next element.
    if word is ElementKind.DEVICE:
        met = update(KnownDevice).where(KnownDevice.device_id.in_(ids))
        session.execute(met.values(device_id=None))
    differing = (Deviation.element_kind == word.value, Deviation.element_id.in_(ids))
    session.execute(delete(Deviation).where(*differing))
    session.execute(delete(Field).where(Field.kind == word.value, Field.element_id.in_(ids)))
    session.execute(delete(kind.model).where(kind.model.__table__.c.id.in_(ids)))


def _scopes_of(session: AnySession, unit_ids: list[int]) -> dict[int, int]:
    """Return the units by their scopes, the deepest first."""
    depth = (
        select(func.count()).where(ScopeClosure.descendant_id == Unit.scope_id).scalar_subquery()
    )
    found: dict[int, int] = {}
    for some in _batches(unit_ids):
        statement = select(Unit.scope_id, Unit.id).where(Unit.id.in_(some))
        rows = session.execute(statement.order_by(depth.desc()))
        found.update((scope_id, unit_id) for scope_id, unit_id in rows)
    return found


def _batches(ids: list[int]) -> Iterator[list[int]]:
    for at in range(0, len(ids), _AT_ONCE):
        yield ids[at : at + _AT_ONCE]
