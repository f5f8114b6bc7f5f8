"""Configurations as devices had them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli import exits
from cli.command import noun, verb
from cli.door import door
from cli.options import LimitOption, OffsetOption, SortOption
from cli.output import say, show, show_page, show_rows, show_text
from hatang.errors import Reason
from inventory import service
from inventory.rows import Query
from playbooks import changes
from playbooks import vault as store
from playbooks.pace import Pace
from playbooks.vault import mirror, rounds

vault: typer.Typer = noun("vault", "Configurations, encrypted, with their history.")
backup: typer.Typer = noun("backup", "Configurations kept: collect, look back, compare, restore.")


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(vault)
    app.add_typer(backup)


@verb(vault, "collect")
def collect(
    *, devices: Annotated[str, typer.Option(help="Names with commas between, or all.")] = "all"
) -> None:
    """Fetch configurations; exit status 1 when one could not be had.

    Example: hatang vault collect --devices hub-1,hub-2 --as lan
    """
    _collect(devices)


@verb(backup, "run")
def run(
    *, devices: Annotated[str, typer.Option(help="Names with commas between, or all.")] = "all"
) -> None:
    """Fetch configurations now; exit status 1 when one could not be had.

    Example: hatang backup run --devices hub-1,hub-2 --as lan
    """
    _collect(devices)


def _collect(devices: str) -> None:
    opened = door()
    names = None if devices == "all" else {each.strip() for each in devices.split(",")}
    with opened.read() as (session, actor):
        found = rounds.begin(session, actor, names)
    say(f"asking {len(found.accesses)} devices …")
    rows = list(found.refused)
    keys, pace = opened.app.host_keys, Pace.of(opened.settings)
    asked = found.accesses
    for kept in rounds.run(opened.app.db, keys, actor, asked, "backup", pace=pace):
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
    show_page(found, "id", "device", "digest", "line_count", "source", "collected_at", "is_saved")


@verb(backup, "history")
def history(
    device: str,
    *,
    limit: LimitOption = 100,
    offset: OffsetOption = 0,
) -> None:
    """List a device's versions, newest first: when, by whom, and whether it was saved.

    Example: hatang backup history hub-1 --as lan
    """
    with door().read() as (session, actor):
        name = {"device": service.get_device(session, actor, device).name}
        found = store.list_versions(session, actor, Query(name, "", "", limit, offset))
    show_page(found, "id", "source", "line_count", "collected_at", "last_seen_at", "is_saved")


@verb(vault, "show")
def show_(version: int) -> None:
    """Print a version with its secrets masked.

    Example: hatang vault show 12 --as lan
    """
    _show(version)


@verb(backup, "show")
def show_backup(version: int) -> None:
    """Print a version with its secrets masked.

    Example: hatang backup show 12 --as lan
    """
    _show(version)


def _show(version: int) -> None:
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


@verb(backup, "diff")
def diff_backups(
    old: int,
    new: int,
    *,
    lines: Annotated[bool, typer.Option("--lines", help="Line by line, as diff -u.")] = False,
) -> None:
    """Print what changed in meaning between two versions: order and layout aside.

    Example: hatang backup diff 12 31 --as lan
    """
    compare = store.difference if lines else store.semantic_difference
    with door().read() as (session, actor):
        text = compare(session, actor, old, new)
    show_text(text or "no difference")


@verb(backup, "restore")
def restore(
    versions: list[int],
    *,
    title: Annotated[str, typer.Option(help="What the change is called.")] = "",
    reason: Annotated[str, typer.Option(help="Why it is restored.")] = "",
) -> None:
    """Draft a change that gives each version's device that configuration back, as a whole.

    Nothing is changed yet: it is planned, approved and pushed as any other change.

    Example: hatang backup restore 17 --reason "the port moved back" --as lan
    """
    named = ", ".join(str(number) for number in versions)
    source = changes.Restore(tuple(versions))
    wanted = changes.Wanted(title or f"Restore version {named}", source, reason=reason)
    opened = door()
    with opened.read() as (session, actor):
        draft = changes.drafted(session, actor, wanted)
    with opened.write() as (session, actor):
        show({"change": changes.create(session, actor, draft)})


@verb(backup, "mirror")
def mirror_(folder: Path) -> None:
    """Add new versions to a bare git repository, masked, a commit each; made where none is.

    Example: hatang backup mirror /srv/configurations.git --as lan
    """
    with door().write() as (session, actor):
        count = mirror.mirror(session, actor, folder.absolute())
    say(f"{count} versions added to {folder}")
