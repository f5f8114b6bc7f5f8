"""The master key, with which everything secret is sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.command import noun, verb
from cli.door import door
from cli.output import say, show
from hatang.auth import Permission, require
from hatang.datadir import Places
from hatang.secrets import load_master_key, rotate_master_key

if TYPE_CHECKING:
    import typer

master_key: typer.Typer = noun("master-key", "The key that seals everything secret.")


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(master_key)


@verb(master_key, "show")
def show_() -> None:
    """Show where the master key lies and how it is called; never the key itself.

    Example: hatang master-key show --as admin
    """
    with door().read() as (_session, actor):
        require(actor, Permission.USER_ADMIN)
    path = Places.of(door().settings).master_key
    key = load_master_key(path)
    unfinished = len(key.keys) > 1
    show({"file": path, "key": key.current, "old_keys": [*key.keys][1:], "rotating": unfinished})


@verb(master_key, "rotate")
def rotate() -> None:
    """Seal everything with a fresh master key and forget the old one; hatang may run meanwhile.

    Cut short, it goes on where it was when it is called again. Keep the old file with the backups
    made before: they open with nothing else.

    Example: hatang master-key rotate --as admin
    """
    actor = door().acting()
    path = Places.of(door().settings).master_key
    done = rotate_master_key(door().app.db, actor, path)
    if done.resumed:
        say("an earlier rotation was cut short; it has been finished")
    say(f"store {path} where the master key is kept; backups made before need the old one")
    show(done)
