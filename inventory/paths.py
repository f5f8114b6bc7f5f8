"""Statements along references: `site.unit` is the code of the unit of an element's site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnClause, func, inspect, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql import visitors

from inventory.kinds.registry import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement, Select

    from inventory.kinds.kind import Kind


class Paths:
    """The tables reached from a kind's own, each path of references joined once."""

    def __init__(self, kind: Kind) -> None:
        self._reached: dict[str, tuple[Kind, Any]] = {"": (kind, kind.model)}
        self._joins: list[tuple[Any, Any, bool]] = []

    def column(self, path: str) -> Any:
        """Return the column at `path`; a reference at its end gives the key of what it names."""
        before, _, name = path.rpartition(".")
        kind, table = self._reach(before)
        if name in kind.references:
            kind, table = self._reach(path)
            if kind.single_key is None:
                raise ValueError(f"{path} has no key of one column")
            name = kind.single_key
        return getattr(table, kind.column(name) if name in kind.plain else name)

    def own(self, path: str) -> Any:
        """Return the column at `path` itself; of a reference, the id that it holds."""
        before, _, name = path.rpartition(".")
        kind, table = self._reach(before)
        return getattr(table, kind.column(name))

    def keys(self, path: str) -> list[Any]:
        """Return the columns that together are the key of what the reference at `path` names.

        The empty path is the kind itself.
        """
        kind, _ = self._reach(path)
        columns: list[Any] = []
        for name in kind.row.key_fields:
            inner = f"{path}.{name}" if path else name
            columns += self.keys(inner) if name in kind.references else [self.column(inner)]
        return columns

    def select(self, columns: Iterable[Any]) -> Select[*tuple[Any, ...]]:
        """Return the statement that gives `columns` of every element."""
        statement = select(*columns)
        for table, condition, is_outer in self._joins:
            statement = statement.join(table, condition, isouter=is_outer)
        return statement

    def count(self, conditions: Sequence[ColumnElement[bool]]) -> Select[int]:
        """Return the statement that counts the elements for which `conditions` hold.

        A reference leads to one element at most, so what no condition speaks of is not joined.
        """
        spoken_of = set(_tables(conditions))
        needed = []
        for table, condition, is_outer in reversed(self._joins):
            if inspect(table).selectable in spoken_of:
                spoken_of.update(_tables([condition]))
                needed.append((table, condition, is_outer))
        statement = select(func.count()).select_from(self._reached[""][1])
        for table, condition, is_outer in reversed(needed):
            statement = statement.join(table, condition, isouter=is_outer)
        return statement.where(*conditions)

    def _reach(self, path: str) -> tuple[Kind, Any]:
        if path in self._reached:
            return self._reached[path]
        before, _, name = path.rpartition(".")
        kind, table = self._reach(before)
        target = KINDS[kind.references[name]]
        alias: Any = aliased(target.model, name=path.replace(".", "_"))
        column = kind.column(name)
        is_outer = bool(kind.model.__table__.c[column].nullable) or self._is_outer(before)
        self._joins.append((alias, getattr(table, column) == alias.id, is_outer))
        self._reached[path] = (target, alias)
        return self._reached[path]

    def _is_outer(self, path: str) -> bool:
        kind = self._reached[""][0]
        for name in path.split(".") if path else ():
            if kind.model.__table__.c[kind.column(name)].nullable:
                return True
            kind = KINDS[kind.references[name]]
        return False


def _tables(conditions: Iterable[ColumnElement[bool]]) -> Iterator[Any]:
    for condition in conditions:
        for one in visitors.iterate(condition):
            if isinstance(one, ColumnClause):
                yield one.table
