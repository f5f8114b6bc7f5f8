"""Elements of every kind of the inventory: lists, and one with all its fields."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from cli.command import verb
from cli.door import door
from cli.output import show, show_page
from hatang.errors import InvalidInputError, Problem
from inventory import service, showing
from inventory.rows import Page, Query

elements: typer.Typer = typer.Typer()
COLUMNS: Final = 6

SectionArgument = Annotated[
    str, typer.Argument(help="As in a file: contacts, racks, vlans, addresses, certificates, …")
]


@verb(elements, "list")
def list_elements(  # noqa: PLR0913 RUF100 - a parameter is an option
    section: SectionArgument,
    *,
    wanted: Annotated[
        list[str] | None,
        typer.Option("--filter", help="FIELD=VALUE, exactly; may be given again."),
    ] = None,
    search: Annotated[str, typer.Option(help="Part of a name or code; hue finds Huế.")] = "",
    sort: Annotated[str, typer.Option(help="A field; -field sorts downwards.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Rows to show.")] = 100,
    offset: Annotated[int, typer.Option(min=0, help="Rows to skip.")] = 0,
) -> None:
    """List the elements of a kind; JSON has every field.

    Example: hatang inventory list racks --filter site=dc --sort name --as lan
    """
    kind = showing.kind_of(section)
    filters = _filters(section, wanted or [])
    query = Query(filters, search, sort, limit, offset)
    with door().read() as (session, actor):
        found = service.list_elements(session, actor, kind.kind, query)
    items: tuple[Any, ...] = tuple(showing.plain(row) for row in found.items)
    page = Page(items, found.total, found.limit, found.offset)
    columns = [name for name in showing.told(section) if name not in kind.many][:COLUMNS]
    show_page(page, *columns)


@verb(elements, "show")
def show_element(
    section: SectionArgument,
    key: Annotated[str, typer.Argument(help="Its key: a code, or SITE/NAME, DEVICE:PORT, …")],
) -> None:
    """Show one element with all its fields.

    Example: hatang inventory show contacts nv-lan --as lan
    """
    kind = showing.kind_of(section)
    with door().read() as (session, actor):
        row = service.get_element(session, actor, kind.kind, key)
    show(showing.plain(row))


def _filters(section: str, wanted: list[str]) -> dict[str, str]:
    known = showing.columns(section)
    pairs = [one.partition("=") for one in wanted]
    fix = f"Write FIELD=VALUE; the fields are {', '.join(known)}."
    problems = [
        Problem("command", "filter", f"{name}{equals}{value}", "filters by nothing", fix)
        for name, equals, value in pairs
        if not equals or name not in known
    ]
    if problems:
        raise InvalidInputError(problems)
    return {name: value for name, _, value in pairs}
