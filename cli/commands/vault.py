"""Configurations as devices had them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli import exits
from cli.command import noun, verb
from cli.door import door
from cli.output import say, show_rows, show_text
from hatang.auth import Permission, require
from hatang.errors import DriverError, HatangError
from inventory import platforms, service
from inventory.rows import EVERYTHING
from playbooks import vault as store
from playbooks.access import prepare

if TYPE_CHECKING:
    from playbooks.access import Access

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
    wanted = None if devices == "all" else {each.strip() for each in devices.split(",")}
    rows: list[dict[str, object]] = []
    with opened.read() as (session, actor):
        require(actor, Permission.VAULT_READ)
        accesses: list[Access] = []
        for row in service.list_devices(session, actor, EVERYTHING).items:
            has_driver = platforms.get(row.platform).drivers.napalm is not None
            if row.name in wanted if wanted is not None else has_driver:
                try:
                    accesses.append(prepare(session, row))
                except HatangError as error:
                    rows.append(_failed(row.name, error))
    say(f"asking {len(accesses)} devices …")
    for number, found in enumerate(store.collect_many(accesses, opened.app.host_keys), 1):
        name = found.access.name
        if found.collected is None:
            rows.append({"device": name, "reason": found.reason, "message": found.message})
        else:
            with opened.write() as (writing, actor):
                version, is_new = store.store(
                    writing, actor, found.access, found.collected, source="backup"
                )
            rows.append({"device": name, "reason": "ok", "version": version, "is_new": is_new})
        say(f"{number} of {len(accesses)}: {name}")
    rows.sort(key=lambda row: str(row["device"]))
    show_rows(rows, "device", "reason", "version", "is_new", "message")
    if any(row["reason"] != "ok" for row in rows):
        raise typer.Exit(exits.FAILED)


def _failed(name: str, error: HatangError) -> dict[str, object]:
    reason = error.reason if isinstance(error, DriverError) else error.code
    return {"device": name, "reason": reason, "message": error.message}


@verb(vault, "list")
def list_(
    *,
    device: Annotated[str, typer.Option(help="Of this device only.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
) -> None:
    """List versions, newest first.

    Example: hatang vault list --device hub-1 --as lan
    """
    with door().read() as (session, actor):
        device_id = service.get_device(session, actor, device).id if device else None
        rows = store.list_versions(session, actor, device_id, limit)
    show_rows(rows, "id", "device", "digest", "line_count", "source", "collected_at")


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
