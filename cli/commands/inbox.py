"""Where reality differs from the inventory, and what is to become of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cli.command import noun, verb
from cli.door import door
from cli.output import say, show_page
from hatang.errors import InvalidInputError, Problem
from inventory.inbox import service
from inventory.rows import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.auth import Actor
    from hatang.db import AnySession

inbox: typer.Typer = noun("inbox", "Where reality differs from the inventory.")

FILTERS: Final = ("kind", "element_kind", "element", "field", "source", "certainty")
VALUES: Final = ("name", "site", "role", "platform")
Numbers = Annotated[list[int] | None, typer.Argument(help="Numbers from `hatang inbox list`.")]
Where = Annotated[
    list[str] | None,
    typer.Option(help="kind=, element=, field=, source=, certainty=: all that match; repeat it."),
]


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(inbox)


def _pairs(given: Sequence[str] | None, known: Sequence[str]) -> dict[str, str]:
    """Return `name=value` words as a mapping; every wrong one is told at once."""
    pairs = [word.partition("=") for word in given or ()]
    fix = f"Write name=value with one of: {', '.join(known)}."
    problems = [
        Problem("inbox", name[:80], value[:80], "is no such pair", fix)
        for name, sign, value in pairs
        if not sign or name not in known
    ]
    if problems:
        raise InvalidInputError(problems)
    return {name: value for name, _, value in pairs}


def _chosen(
    session: AnySession, actor: Actor, numbers: Sequence[int] | None, filters: dict[str, str]
) -> list[int]:
    """Return what was named, or, with filters and no number, everything open that matches."""
    if bool(numbers) == bool(filters):
        fix = "Give numbers, or --where."
        raise InvalidInputError([Problem("inbox", "numbers", "", "name nothing to decide", fix)])
    found = list(numbers or service.select_waiting(session, actor, filters))
    if not found:
        fix = "List it with less after --where."
        raise InvalidInputError([Problem("inbox", "filters", "", "match nothing open", fix)])
    return found


@verb(inbox, "list")
def list_(
    *,
    where: Where = None,
    state: Annotated[str, typer.Option(help="open, accepted, fixing, ignored, resolved.")] = "open",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
) -> None:
    """List differences between what is intended and what was seen.

    Example: hatang inbox list --where kind=moved_cable --as lan
    """
    filters = {**_pairs(where, FILTERS), "state": state}
    with door().read() as (session, actor):
        page = service.list_deviations(session, actor, Query(filters, limit=limit))
    columns = ("id", "kind", "element", "field", "intended", "observed", "certainty", "source")
    show_page(page, *columns, "first_seen_at")


@verb(inbox, "accept")
def accept(
    numbers: Numbers = None,
    *,
    where: Where = None,
    given: Annotated[
        list[str] | None,
        typer.Option("--set", help="name=, site=, role=, platform= of a new device; repeat it."),
    ] = None,
) -> None:
    """Write what was seen into the inventory: all of it, or nothing and every error at once.

    Example: hatang inbox accept 12 13 --set site=dc --as lan
    """
    values, filters = _pairs(given, VALUES), _pairs(where, FILTERS)
    with door().write() as (session, actor):
        chosen = _chosen(session, actor, numbers, filters)
        is_lab = door().settings.lab
        count = service.accept(session, actor, chosen, values, is_lab=is_lab)
    say(f"accepted {count}")


@verb(inbox, "fix")
def fix(
    number: int, *, reason: Annotated[str, typer.Option(help="Why, for who approves it.")]
) -> None:
    """Open a change that makes the device as intended.

    Example: hatang inbox fix 12 --reason "tên cổng đúng theo hồ sơ" --as lan
    """
    with door().write() as (session, actor):
        change = service.fix(session, actor, number, reason)
    say(f"opened {change}")


@verb(inbox, "ignore")
def ignore(
    numbers: Numbers = None,
    *,
    until: Annotated[str, typer.Option(help="The day it opens again, such as 2026-12-31.")],
    reason: Annotated[str, typer.Option(help="Why it may stay so.")],
    where: Where = None,
) -> None:
    """Leave differences as they are until a date.

    Example: hatang inbox ignore 12 --until 2026-12-31 --reason "chờ nhà thầu" --as lan
    """
    try:
        day = date.fromisoformat(until)
    except ValueError as error:
        problem = Problem("inbox", "until", until, "is no date", "Write it as 2026-12-31.")
        raise InvalidInputError([problem]) from error
    with door().write() as (session, actor):
        chosen = _chosen(session, actor, numbers, _pairs(where, FILTERS))
        count = service.ignore(session, actor, chosen, day, reason)
    say(f"ignored {count} until {day.isoformat()}")
