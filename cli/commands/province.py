"""What a province should have: the catalogue's systems, proposed as rows of its own."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.command import verb
from cli.door import door
from cli.output import show_text
from inventory.service import proposing

province: typer.Typer = typer.Typer()


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
