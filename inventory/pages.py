"""A page of any statement: filters, order, limit and offset in SQL, and the count of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import ColumnElement, Select, and_, false, func
from sqlalchemy.orm import InstrumentedAttribute

from hatang.errors import InvalidInputError, Problem
from inventory.rows import Page, Query

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hatang.db import AnySession

Row = TypeVar("Row")
Column = InstrumentedAttribute[Any] | ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Order:
    """By which columns a list is filtered and sorted, and how it stands when nobody asks.

    `unless_asked` must be a total order: without one, pages of a long list repeat and lose rows.
    It also decides between rows that the column asked for holds equal.
    """

    columns: Mapping[str, Column]
    unless_asked: tuple[ColumnElement[Any], ...]


def fetch(
    session: AnySession,
    statement: Select[*tuple[Any, ...]],
    order: Order,
    query: Query,
    make: Callable[..., Row],
) -> Page[Row]:
    """Return the page of `statement` that `query` asks for, each row as `make` makes it.

    Raises:
        InvalidInputError: an unknown filter or sort column, or a negative limit or offset; all.
    """
    statement = statement.where(*equal(order, query))
    items = rows(session, statement, order, query, make)
    return page(session, items, partial(count, statement), query)


def count(statement: Select[*tuple[Any, ...]]) -> Select[int]:
    """Return the statement that counts the rows of `statement`, whatever it joins."""
    return statement.order_by(None).with_only_columns(func.count(), maintain_column_froms=True)


def equal(order: Order, query: Query) -> list[ColumnElement[bool]]:
    """Return the conditions that `query` filters by; raises InvalidInputError as `fetch` does."""
    _check(order, query)
    return [_equals(order.columns[name], value) for name, value in query.filters.items()]


def rows(
    session: AnySession,
    statement: Select[*tuple[Any, ...]],
    order: Order,
    query: Query,
    make: Callable[..., Row],
) -> tuple[Row, ...]:
    """Return the part of the filtered `statement` that `query` asks for."""
    part = statement.order_by(*_chosen(order, query)).offset(query.offset)
    if query.limit is not None:
        part = part.limit(query.limit)
    return tuple(make(*found) for found in session.execute(part))


def page(
    session: AnySession,
    items: tuple[Row, ...],
    whole: Callable[[], Select[int]],
    query: Query,
) -> Page[Row]:
    """Return `items` as the page `query` asks for; `whole` counts all of them where need be."""
    total = query.offset + len(items)
    if len(items) == query.limit or (query.offset and not items):
        # Only a page that is full, or beyond the end, leaves open how many there are.
        total = session.scalar(whole()) or 0
    return Page(items=items, total=total, limit=query.limit, offset=query.offset)


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


def _chosen(order: Order, query: Query) -> tuple[ColumnElement[Any], ...]:
    if not query.sort:
        return order.unless_asked
    column = order.columns[query.sort.removeprefix("-")]
    first = column.desc() if query.sort.startswith("-") else column.asc()
    return (first, *order.unless_asked)


def _check(order: Order, query: Query) -> None:
    known = ", ".join(sorted(order.columns))
    asked = [("filters", name) for name in query.filters]
    asked += [("sort", query.sort.removeprefix("-"))] if query.sort else []
    problems = [
        Problem("query", field, name, "there is no such column", f"Use one of: {known}.")
        for field, name in asked
        if name not in order.columns
    ]
    for field, number in (("limit", query.limit or 0), ("offset", query.offset)):
        if number < 0:
            problems.append(Problem("query", field, str(number), "is negative", "Give 0 or more."))
    if problems:
        raise InvalidInputError(problems)
