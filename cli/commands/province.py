"""What a province should have: the catalogue's systems, and how much of it is covered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from cli.command import verb
from cli.commands.devicetypes import device_types
from cli.commands.elements import elements
from cli.commands.exchange import exchange
from cli.door import door
from cli.output import show_rows, show_text
from inventory.jobs import today
from inventory.service import covering, proposing

province: typer.Typer = typer.Typer()
province.add_typer(device_types)
province.add_typer(elements)
province.add_typer(exchange)


@verb(province, "propose")
def propose(
    *,
    unit: Annotated[str, typer.Option(help="Code of the unit that answers for shared systems.")],
    domain: Annotated[str, typer.Option(help="The province's domain, to make addresses of.")],
) -> None:
    """Print the catalogue's systems that are not there yet, as a file to correct and import.

    Example: hatang inventory propose --unit tinh --domain tinh.example --as lan > services.yaml
    """
    with door().read() as (session, actor):
        text = proposing.propose_services(session, actor, unit, domain)
    show_text(text)


@verb(province, "coverage")
def coverage(
    *,
    on: Annotated[
        datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day; else today.")
    ] = None,
) -> None:
    """Show how much of the province is covered, counted from its rows, and what is missing.

    Example: hatang inventory coverage --as lan
    """
    day = today(door().settings) if on is None else on.date()
    with door().read() as (session, actor):
        found = covering.coverage_figures(session, actor, day)
    rows = [
        {
            "code": one.code,
            "have": one.have,
            "total": one.total,
            "coverage": covering.in_words(one),
            "is_complete": one.is_complete,
            "missing": list(one.missing),
        }
        for one in found
    ]
    show_rows(rows, "coverage", "is_complete", "missing")
