"""How long history is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.command import noun, verb
from cli.door import door
from cli.output import show_rows
from cli.wiring.jobs import JOB_MODULES
from hatang import persons, retention
from hatang.auth import Permission, require

if TYPE_CHECKING:
    import typer

kept: typer.Typer = noun("retention", "How long history is kept.")

__all__ = ["JOB_MODULES", "register"]


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(kept)


@verb(kept, "plan")
def plan() -> None:
    """Count what the nightly jobs would take away or make nameless now; nothing is changed.

    Rows of `persons.*` stay, with pseudonyms for persons' names and telephone numbers.

    Example: hatang retention plan --as admin
    """
    opened = door()
    with opened.read() as (session, actor):
        require(actor, Permission.JOB_READ)
        found = [
            *retention.due(session, opened.settings),
            *persons.due(session, opened.settings),
        ]
    show_rows(found, "name", "days", "before", "rows", "parts")
