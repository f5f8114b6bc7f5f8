"""SQL of the lists: one statement a kind, joined to the names people know, filtered by scope."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Generic

from sqlalchemy import ColumnElement, Select, literal, true, union_all
from sqlalchemy.orm import InstrumentedAttribute

from hatang import scope
from inventory import pages
from inventory.pages import Order
from inventory.rows import Page, Query, Row
from inventory.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.paths import Paths

Column = InstrumentedAttribute[Any]


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """A kind's list: its statement, its row class, and the columns it can be asked by.

    Without `scope` its rows are common to everybody who may read. With `paths`, which joined its
    tables, only those are joined for counting that a condition speaks of.
    """

    row: Callable[..., Row]
    statement: Select[*tuple[Any, ...]]
    scope: Column | None
    key: Column
    columns: dict[str, Column]
    search: Column | None = None
    paths: Paths | None = None


def fetch(
    session: AnySession,
    actor: Actor,
    listing: Listing[Row],
    query: Query,
    *also: ColumnElement[bool],
) -> Page[Row]:
    """Return the page of `listing` that `query` asks for, `also` holds for and `actor` may see.

    Raises:
        InvalidInputError: an unknown filter or sort column, or a negative limit or offset.
    """
    conditions = [*_conditions(actor, listing, query), *also]
    items = _rows(session, listing, query, conditions)
    return pages.page(session, items, partial(_count, listing, conditions), query)


def fetch_each(
    session: AnySession, actor: Actor, listings: Mapping[str, Listing[Row]], query: Query
) -> dict[str, Page[Row]]:
    """Return the page of each of `listings` that holds any such row; raises as `fetch` does.

    Which of them do, one statement tells: most have nothing of what somebody searches for.
    """
    asked = {name: _conditions(actor, one, query) for name, one in listings.items()}
    counts = (
        _count(listings[name], conditions).add_columns(literal(name))
        for name, conditions in asked.items()
    )
    totals = {name: total for total, name in session.execute(union_all(*counts))}
    return {
        name: Page(_rows(session, one, query, asked[name]), totals[name], query.limit, query.offset)
        for name, one in listings.items()
        if totals[name]
    }


def fetch_one(
    session: AnySession, actor: Actor, listing: Listing[Row], condition: ColumnElement[bool]
) -> Row | None:
    """Return the row that `condition` names, or None when it is not there for `actor`."""
    visible = _visible(actor, listing)
    found = session.execute(listing.statement.where(condition, visible)).first()
    return None if found is None else listing.row(*found)


def fetch_some(
    session: AnySession, actor: Actor, listing: Listing[Row], condition: ColumnElement[bool]
) -> list[Row]:
    """Return the rows for which `condition` holds, as far as they are there for `actor`."""
    visible = _visible(actor, listing)
    found = session.execute(listing.statement.where(condition, visible).order_by(listing.key))
    return [listing.row(*row) for row in found]


def _visible(actor: Actor, listing: Listing[Row]) -> ColumnElement[bool]:
    return true() if listing.scope is None else scope.visible(actor, listing.scope)


def _conditions(actor: Actor, listing: Listing[Row], query: Query) -> list[ColumnElement[bool]]:
    conditions = [_visible(actor, listing), *pages.equal(_order(listing), query)]
    if query.search and listing.search is not None:
        conditions.append(listing.search.contains(fold(query.search), autoescape=True))
    return conditions


def _order(listing: Listing[Row]) -> Order:
    return Order(listing.columns, (listing.key.asc(),))


def _rows(
    session: AnySession,
    listing: Listing[Row],
    query: Query,
    conditions: Sequence[ColumnElement[bool]],
) -> tuple[Row, ...]:
    statement = listing.statement.where(*conditions)
    return pages.rows(session, statement, _order(listing), query, listing.row)


def _count(listing: Listing[Row], conditions: Sequence[ColumnElement[bool]]) -> Select[int]:
    if listing.paths is not None:
        return listing.paths.count(conditions)
    return pages.count(listing.statement.where(*conditions))
