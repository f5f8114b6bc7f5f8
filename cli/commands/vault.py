"""Configurations as devices had them."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import exits
from cli.command import noun, verb
from cli.door import door
from cli.options import LimitOption, OffsetOption, SortOption
from cli.output import say, show_page, show_rows, show_text
from hatang.errors import Reason
from inventory import service
from inventory.rows import Query
from playbooks import vault as store
from playbooks.vault import rounds

vault: typer.Typer = noun("vault", "Configurations, encrypted, with their history.")


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(vault)


@verb(vault, "collect")
def collect(
    *, devices: Annotated[str, typer.Option(help="Names with commas between, or all.")] = "all"
) -> None:
    """Fetch configurations; exit status 1 when one could not be had.

    Example: hatang vault collect --devices hub-1,hub-2 --as lan
    """
    opened = door()
    names = None if devices == "all" else {each.strip() for each in devices.split(",")}
    with opened.read() as (session, actor):
        found = rounds.begin(session, actor, names)
    say(f"asking {len(found.accesses)} devices …")
    rows = list(found.refused)
    keys = opened.app.host_keys
    for kept in rounds.run(opened.app.db, keys, actor, found.accesses, "backup"):
        rows.append(kept)
        say(f"{len(rows)} of {len(found.accesses) + len(found.refused)}: {kept.device}")
    rows.sort(key=lambda kept: kept.device)
    show_rows(rows, "device", "reason", "version", "is_new", "message")
    if any(kept.reason is not Reason.OK for kept in rows):
        raise typer.Exit(exits.FAILED)


@verb(vault, "list")
def list_(
    *,
    device: Annotated[str, typer.Option(help="Of this device only.")] = "",
    limit: LimitOption = 100,
    offset: OffsetOption = 0,
    sort: SortOption = "",
) -> None:
    """List versions, newest first.

    Example: hatang vault list --device hub-1 --as lan
    """
    with door().read() as (session, actor):
        name = {"device": service.get_device(session, actor, device).name} if device else {}
        found = store.list_versions(session, actor, Query(name, "", sort, limit, offset))
    show_page(found, "id", "device", "digest", "line_count", "source", "collected_at")


@verb(vault, "show")
def show_(version: int) -> None:
    """Print a version with its secrets masked.

    Example: hatang vault show 12 --as lan
    """
    with door().read() as (session, actor):
        _row, text = store.read(session, actor, version)
    show_text(text)


@verb(vault, "diff")
def diff(old: int, new: int) -> None:
    """Print what changed between two versions.

    Example: hatang vault diff 12 31 --as lan
    """
    with door().read() as (session, actor):
        text = store.difference(session, actor, old, new)
    show_text(text or "no difference")
