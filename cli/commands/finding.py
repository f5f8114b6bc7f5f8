"""Where something is plugged in."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.command import Command
from cli.door import door
from cli.output import show_rows
from inventory import service


def register(app: typer.Typer) -> None:
    """Add this command to `app`."""
    app.command("find", cls=Command)(find)


def find(
    address: Annotated[str, typer.Argument(help="An IP address, or a MAC address as it comes.")],
) -> None:
    """Show at which port an address was seen, the newest sight first.

    Example: hatang find 0019.56ff.1234 --as lan
    """
    with door().read() as (session, actor):
        places = service.where_is(session, actor, address)
    show_rows(
        places, "mac", "addresses", "device", "site", "port", "vlan", "count", "behind", "seen_at"
    )
