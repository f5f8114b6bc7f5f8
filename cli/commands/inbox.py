"""Where reality differs from the inventory, and what is to become of it."""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cli.command import noun, verb
from cli.door import door
from cli.output import say, show_page, show_rows
from hatang.errors import InvalidInputError, Problem
from inventory.inbox import service
from inventory.jobs import today
from inventory.rows import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inventory.inbox.listing import InboxRow

inbox: typer.Typer = noun("inbox", "Where reality differs from the inventory.")

FILTERS: Final = ("kind", "element_kind", "element", "field", "source", "certainty")
SHOWN: Final = ("id", "kind", "element", "field", "intended", "observed")
VALUES: Final = ("name", "site", "role", "platform")
Numbers = Annotated[list[int] | None, typer.Argument(help="Numbers from `hatang inbox list`.")]
Digest = Annotated[
    str, typer.Option(help="The digest one number was listed with: refused if it changed since.")
]
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


def _shown(
    numbers: Sequence[int] | None, filters: dict[str, str], digest: str = ""
) -> tuple[list[InboxRow], dict[int, str]]:
    """Show what was named, or, with filters and no number, everything open that matches.

    Return the rows and the digest of each: of what is shown here, or the one that was given.
    """
    if bool(numbers) == bool(filters):
        fix = "Give numbers, or --where."
        raise InvalidInputError([Problem("inbox", "numbers", "", "name nothing to decide", fix)])
    if digest and len(numbers or ()) != 1:
        fix = "Give one number with it."
        raise InvalidInputError([Problem("inbox", "digest", digest, "is of one row", fix)])
    day = today(door().settings)
    with door().read() as (session, actor):
        if numbers:
            asked = dict.fromkeys(numbers)
            rows = [service.get_deviation(session, actor, one, today=day) for one in asked]
        else:
            rows = service.select_waiting(session, actor, filters, today=day)
    if not rows:
        fix = "List it with less after --where."
        raise InvalidInputError([Problem("inbox", "filters", "", "match nothing open", fix)])
    show_rows(rows, *SHOWN)
    return rows, {row.id: digest or row.digest for row in rows}


def _agreed(rows: Sequence[InboxRow], digest: str) -> bool:
    """Return whether who is at the terminal accepts `rows`; a program is not asked.

    Raises:
        InvalidInputError: nobody can have compared the fingerprint of a host key.
    """
    if digest:
        return True
    if sys.stdin.isatty():
        return typer.confirm(f"Accept {len(rows)} as shown?", err=True)
    keys = [str(row.id) for row in rows if row.is_host_key]
    if keys:
        fix = "Compare its fingerprint, and give the --digest of the row that shows it."
        problem = Problem("inbox", "numbers", ", ".join(keys), "is a host key", fix)
        raise InvalidInputError([problem])
    return True


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
    query = Query({**_pairs(where, FILTERS), "state": state}, limit=limit)
    with door().read() as (session, actor):
        page = service.list_deviations(session, actor, query, today=today(door().settings))
    show_page(page, *SHOWN, "certainty", "source", "first_seen_at", "digest")


@verb(inbox, "accept")
def accept(
    numbers: Numbers = None,
    *,
    where: Where = None,
    given: Annotated[
        list[str] | None,
        typer.Option("--set", help="name=, site=, role=, platform= of a new device; repeat it."),
    ] = None,
    digest: Digest = "",
) -> None:
    """Show what was seen and write exactly that into the inventory: all of it, or nothing.

    A host key is accepted alone, at a terminal or with the --digest of the row that was compared.

    Example: hatang inbox accept 12 13 --set site=dc --as lan
    """
    values, filters = _pairs(given, VALUES), _pairs(where, FILTERS)
    rows, shown = _shown(numbers, filters, digest)
    if not _agreed(rows, digest):
        return
    with door().write() as (session, actor):
        is_lab = door().settings.lab
        count = service.accept(session, actor, shown, values, is_lab=is_lab)
    say(f"accepted {count}")


@verb(inbox, "fix")
def fix(
    number: int,
    *,
    reason: Annotated[str, typer.Option(help="Why, for who approves it.")],
    digest: Digest = "",
) -> None:
    """Open a change that makes the device as intended.

    Example: hatang inbox fix 12 --reason "tên cổng đúng theo hồ sơ" --as lan
    """
    _, shown = _shown([number], {}, digest)
    with door().write() as (session, actor):
        change = service.fix(session, actor, number, shown[number], reason)
    say(f"opened {change}")


@verb(inbox, "ignore")
def ignore(
    numbers: Numbers = None,
    *,
    until: Annotated[str, typer.Option(help="The day it opens again, such as 2026-12-31.")],
    reason: Annotated[str, typer.Option(help="Why it may stay so.")],
    where: Where = None,
    digest: Digest = "",
) -> None:
    """Leave differences as they are until a date.

    Example: hatang inbox ignore 12 --until 2026-12-31 --reason "chờ nhà thầu" --as lan
    """
    try:
        day = date.fromisoformat(until)
    except ValueError as error:
        problem = Problem("inbox", "until", until, "is no date", "Write it as 2026-12-31.")
        raise InvalidInputError([problem]) from error
    _, shown = _shown(numbers, _pairs(where, FILTERS), digest)
    now = today(door().settings)
    with door().write() as (session, actor):
        count = service.ignore(session, actor, shown, day, reason, today=now)
    say(f"ignored {count} until {day.isoformat()}")
