"""SQL of the lists: one statement a kind, joined to the names people know, filtered by scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic

from sqlalchemy import ColumnElement, Select, true
from sqlalchemy.orm import InstrumentedAttribute

from hatang import scope
from inventory import pages
from inventory.pages import Order
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
    statement = listing.statement.where(*_conditions(actor, listing, query))
    order = Order(listing.columns, (listing.key.asc(),))
    return pages.fetch(session, statement, order, query, listing.row)


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
    conditions = [_visible(actor, listing)]
    if query.search and listing.search is not None:
        conditions.append(listing.search.contains(fold(query.search), autoescape=True))
    return conditions
