"""SQL of the lists: one statement a kind, joined to the names people know, filtered by scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, Generic

from sqlalchemy import ColumnElement, Select, and_, false, func, select, true
from sqlalchemy.orm import InstrumentedAttribute

from hatang import scope
from hatang.errors import InvalidInputError, Problem
from inventory.rows import Page, Query, Row
from inventory.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.auth import Actor
    from hatang.db import AnySession

Column = InstrumentedAttribute[Any]


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """A kind's list: its statement, its row class, and the columns it can be asked by.

    Without `scope` its rows are common to everybody who may read.
    """

    row: Callable[..., Row]
    statement: Select[*tuple[Any, ...]]
    scope: Column | None
    key: Column
    columns: dict[str, Column]
    search: Column | None = None


def fetch(session: AnySession, actor: Actor, listing: Listing[Row], query: Query) -> Page[Row]:
    """Return the page of `listing` that `query` asks for and `actor` may see.

    Raises:
        InvalidInputError: an unknown filter or sort column, or a negative limit or offset.
    """
    _check(listing, query)
    statement = listing.statement.where(*_conditions(actor, listing, query))
    part = statement.order_by(*_order(listing, query)).offset(query.offset)
    if query.limit is not None:
        part = part.limit(query.limit)
    items = tuple(listing.row(*row) for row in session.execute(part))
    total = query.offset + len(items)
    if len(items) == query.limit or (query.offset and not items):
        # Only a page that is full, or beyond the end, leaves open how many there are.
        total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    return Page(items=items, total=total, limit=query.limit, offset=query.offset)


def fetch_one(
    session: AnySession, actor: Actor, listing: Listing[Row], condition: ColumnElement[bool]
) -> Row | None:
    """Return the row that `condition` names, or None when it is not there for `actor`."""
    visible = _visible(actor, listing)
    found = session.execute(listing.statement.where(condition, visible)).first()
    return None if found is None else listing.row(*found)


def _visible(actor: Actor, listing: Listing[Row]) -> ColumnElement[bool]:
    return true() if listing.scope is None else scope.visible(actor, listing.scope)


def _conditions(actor: Actor, listing: Listing[Row], query: Query) -> list[ColumnElement[bool]]:
    conditions = [_visible(actor, listing)]
    conditions += [_equals(listing.columns[name], value) for name, value in query.filters.items()]
    if query.search and listing.search is not None:
        conditions.append(listing.search.contains(fold(query.search), autoescape=True))
    return conditions


def _equals(column: Any, value: str) -> ColumnElement[bool]:
    """Return the condition that `column` is what `value` spells; nothing is what it cannot be."""
    kind = column.type.python_type
    if kind is str or not isinstance(value, str):
        return and_(column == value)
    try:
        return and_(column == _SPELT[kind](value))
    except (KeyError, ValueError, OverflowError):
        return false()


def _truth(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


_SPELT: Final[dict[type, Callable[[str], Any]]] = {
    int: int,
    float: float,
    bool: _truth,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
}


def _order(listing: Listing[Row], query: Query) -> list[ColumnElement[Any]]:
    # The natural key last: without a total order, pages of a long list repeat and lose rows.
    if not query.sort:
        return [listing.key.asc()]
    column = listing.columns[query.sort.removeprefix("-")]
    chosen = column.desc() if query.sort.startswith("-") else column.asc()
    return [chosen, listing.key.asc()]


def _check(listing: Listing[Row], query: Query) -> None:
    known = ", ".join(sorted(listing.columns))
    asked = [("filters", name) for name in query.filters]
    asked += [("sort", query.sort.removeprefix("-"))] if query.sort else []
    problems = [
        Problem("query", field, name, "there is no such column", f"Use one of: {known}.")
        for field, name in asked
        if name not in listing.columns
    ]
    for field, number in (("limit", query.limit or 0), ("offset", query.offset)):
        if number < 0:
            fix = "Give zero or more."
            problems.append(Problem("query", field, str(number), "is negative", fix))
    if problems:
        raise InvalidInputError(problems)
