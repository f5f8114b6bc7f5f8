"""Pages of lists: how they are asked for and what they look like; no list is unbounded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import Depends, Path, Query
from pydantic import BaseModel, ConfigDict

from inventory.rows import Page as RowsPage
from inventory.rows import Query as RowsQuery

MAX_LIMIT: Final = 500


class Schema(BaseModel):
    """An answer or request: filled from plain rows, strict about what comes in."""

    model_config = ConfigDict(from_attributes=True, extra="forbid")


Item = TypeVar("Item", bound=Schema)
Raw = TypeVar("Raw")


class Page(BaseModel, Generic[Item]):
    """A part of a list; `total` counts all that this person may see."""

    items: list[Item]
    total: int
    limit: int
    offset: int


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is asked for."""

    limit: int
    offset: int

    def query(
        self, filters: Mapping[str, str | None], search: str = "", sort: str = ""
    ) -> RowsQuery:
        """Return the window as a query of the inventory; absent filters are left out."""
        given = {name: value for name, value in filters.items() if value is not None}
        return RowsQuery(given, search, sort, self.limit, self.offset)

    def cut(self, kind: type[Item], rows: Iterable[Raw], total: int | None = None) -> Page[Item]:
        """Return the page of `rows`, which are the whole list unless `total` is given."""
        found = list(rows)
        part = found if total is not None else found[self.offset : self.offset + self.limit]
        return Page(
            items=[kind.model_validate(row) for row in part],
            total=len(found) if total is None else total,
            limit=self.limit,
            offset=self.offset,
        )


def window(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Rows in the answer.")] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000, description="Rows to skip.")] = 0,
) -> Window:
    """Return the part of a list that was asked for."""
    return Window(limit, offset)


def page_of(kind: type[Item], page: RowsPage[Any]) -> Page[Item]:
    """Return an inventory page as it leaves."""
    window = Window(page.limit or MAX_LIMIT, page.offset)
    return window.cut(kind, page.items, page.total)


RowNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]
"""A row's number; PostgreSQL's INTEGER holds no greater one."""
WindowDep = Annotated[Window, Depends(window)]
Search = Annotated[str, Query(max_length=200, description="Free text; “hue” finds “Huế”.")]
Sort = Annotated[str, Query(max_length=60, description="A column; `-name` sorts downwards.")]
Lister = Callable[..., RowsPage[Any]]
