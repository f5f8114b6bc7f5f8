"""Keeps the tree and its closure together, and filters rows by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import delete, exists, false, func, insert, literal, select, true

from hatang.errors import ConflictError, NotFoundError
from hatang.scope.models import Scope, ScopeClosure

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute

    from hatang.db import AnySession, WriteSession


class Scoped(Protocol):
    """Somebody who reaches some scopes and all below them; None is every scope."""

    @property
    def scope_ids(self) -> frozenset[int] | None:
        """The scopes reached."""


def add(session: WriteSession, parent_id: int | None = None) -> int:
    """Create a scope under `parent_id` (None: a root) and return its id.

    Raises:
        NotFoundError: there is no such parent.
    """
    if parent_id is not None:
        _existing(session, parent_id)
    node = Scope(parent_id=parent_id)
    session.add(node)
    session.flush()
    session.execute(
        insert(ScopeClosure).values(ancestor_id=node.id, descendant_id=node.id, depth=0)
    )
    if parent_id is not None:
        _attach(session, node.id, parent_id)
    return node.id


def move(session: WriteSession, scope_id: int, parent_id: int | None) -> None:
    """Put a scope with all below it under `parent_id`.

    Raises:
        NotFoundError: one of the two does not exist.
        ConflictError: the new parent lies below the scope.
    """
    node = _existing(session, scope_id)
    if parent_id is not None:
        _existing(session, parent_id)
        if parent_id in descendants(session, scope_id):
            raise ConflictError(f"scope {scope_id} cannot move below itself")
    _detach(session, scope_id)
    node.parent_id = parent_id
    session.flush()
    if parent_id is not None:
        _attach(session, scope_id, parent_id)


def remove(session: WriteSession, scope_id: int) -> None:
    """Delete a scope that has nothing below it.

    Raises:
        NotFoundError: it does not exist.
        ConflictError: other scopes lie below it.
    """
    node = _existing(session, scope_id)
    if len(descendants(session, scope_id)) > 1:
        raise ConflictError(
            f"scope {scope_id} still has scopes below it", fix="Move or remove those first."
        )
    session.execute(delete(ScopeClosure).where(ScopeClosure.descendant_id == scope_id))
    session.delete(node)
    session.flush()


def descendants(session: AnySession, scope_id: int) -> frozenset[int]:
    """Return the scope itself and all below it; empty when it does not exist."""
    statement = select(ScopeClosure.descendant_id).where(ScopeClosure.ancestor_id == scope_id)
    return frozenset(session.scalars(statement))


def ancestors(session: AnySession, scope_id: int) -> list[int]:
    """Return the scope itself and all above it, nearest first."""
    statement = (
        select(ScopeClosure.ancestor_id)
        .where(ScopeClosure.descendant_id == scope_id)
        .order_by(ScopeClosure.depth)
    )
    return list(session.scalars(statement))


def common(session: AnySession, scope_ids: Collection[int]) -> int | None:
    """Return the lowest scope that all of `scope_ids` are or lie below; None when there is none."""
    asked = frozenset(scope_ids)
    statement = (
        select(ScopeClosure.ancestor_id)
        .where(ScopeClosure.descendant_id.in_(asked))
        .group_by(ScopeClosure.ancestor_id)
        .having(func.count() == len(asked))
        .order_by(func.sum(ScopeClosure.depth))
        .limit(1)
    )
    return session.scalar(statement)


def visible(
    actor: Scoped, column: InstrumentedAttribute[Any] | ColumnElement[Any]
) -> ColumnElement[bool]:
    """Return the SQL condition that `column`, a scope id, lies within the actor's reach.

    A row without a scope is seen only by those who reach the whole province.
    """
    if actor.scope_ids is None:
        return true()
    if not actor.scope_ids:
        return false()
    return column.in_(
        select(ScopeClosure.descendant_id).where(ScopeClosure.ancestor_id.in_(actor.scope_ids))
    )


def reaches(session: AnySession, actor: Scoped, scope_id: int | None) -> bool:
    """Tell whether one scope lies within the actor's reach; None only for the whole province."""
    if actor.scope_ids is None:
        return True
    if scope_id is None or not actor.scope_ids:
        return False
    condition = exists().where(
        ScopeClosure.descendant_id == scope_id, ScopeClosure.ancestor_id.in_(actor.scope_ids)
    )
    return bool(session.scalar(select(condition)))


def _existing(session: AnySession, scope_id: int) -> Scope:
    # Two moves at once could each be legal and together close a ring: the rows are locked.
    node = session.get(Scope, scope_id, with_for_update=True)
    if node is None:
        raise NotFoundError(f"there is no scope {scope_id}")
    return node


def _attach(session: WriteSession, scope_id: int, parent_id: int) -> None:
    above, below = ScopeClosure.__table__.alias("above"), ScopeClosure.__table__.alias("below")
    pairs = (
        select(
            above.c.ancestor_id,
            below.c.descendant_id,
            above.c.depth + below.c.depth + literal(1),
        )
        .select_from(above.join(below, true()))
        .where(above.c.descendant_id == parent_id)
        .where(below.c.ancestor_id == scope_id)
    )
    session.execute(
        insert(ScopeClosure).from_select(["ancestor_id", "descendant_id", "depth"], pairs)
    )


def _detach(session: WriteSession, scope_id: int) -> None:
    inside = descendants(session, scope_id)
    session.execute(
        delete(ScopeClosure)
        .where(ScopeClosure.descendant_id.in_(inside))
        .where(ScopeClosure.ancestor_id.not_in(inside))
    )
