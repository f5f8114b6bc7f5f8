"""Logins for devices and servers: names in the inventory, secrets sealed in the database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.command import noun, verb
from cli.door import door
from cli.output import say, show_rows
from hatang import events, secrets
from hatang.auth import Permission, require
from hatang.secrets import import_file

credential: typer.Typer = noun("credential", "Logins for devices and servers.")
# Whoever reads credentials into memory reads them again when this happened.
CHANGED = "credential.changed"


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(credential)


@verb(credential, "import")
def import_(
    file: Annotated[Path, typer.Argument(help="TOML, mode 0600: [credentials.NAME] kind = …")],
) -> None:
    """Create or replace the credentials of a file.

    Example: hatang credential import lab.toml --as lan
    """
    with door().write() as (session, actor):
        names = import_file(session, actor, file)
        events.publish(session, CHANGED, "import", {"names": names})
    say(f"{len(names)} credentials: {', '.join(names)}")


@verb(credential, "list")
def list_() -> None:
    """List credentials by name, and which use a weak algorithm; no secret is shown.

    Example: hatang credential list --as lan
    """
    with door().read() as (session, actor):
        require(actor, Permission.CREDENTIAL_WRITE)
        rows = secrets.list_all(session)
    show_rows(rows, "name", "kind", "username", "fields", "weak", "updated_at", "updated_by")
