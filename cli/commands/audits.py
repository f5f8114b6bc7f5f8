"""Is the record of who did what whole."""

from __future__ import annotations

import typer

from cli import exits
from cli.command import noun, verb
from cli.door import door
from cli.output import say, show_rows
from hatang import audit as log
from hatang.auth import Permission, require
from hatang.datadir import Places, load_audit_key

audit_log: typer.Typer = noun("audit-log", "The record of who did what.")


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(audit_log)


@verb(audit_log, "verify")
def verify() -> None:
    """Check the chain against its key and the heads outside; exit status 1 when it was touched.

    Example: hatang audit-log verify --as truc
    """
    opened = door()
    places = Places.of(opened.settings)
    with opened.read() as (_session, actor):
        require(actor, Permission.AUDIT_READ)
    heads = log.HeadFile(places.audit_heads)
    with opened.app.db.read() as session:
        breaks = log.verify(session, load_audit_key(places.audit_key), heads)
    show_rows(breaks, "sequence", "kind", "message")
    say(f"{len(breaks)} breaks" if breaks else "the chain is whole")
    if breaks:
        raise typer.Exit(exits.FAILED)
