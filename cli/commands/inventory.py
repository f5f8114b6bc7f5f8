"""What exists: importing and exporting it, and looking at devices and sites."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import noun, verb
from cli.commands.province import province
from cli.door import door
from cli.output import say, show, show_rows, show_text
from hatang.errors import InvalidInputError, NotFoundError, Problem
from inventory import service
from inventory.rows import Query
from monitors import service as monitors

if TYPE_CHECKING:
    from inventory.planning import ImportPlan

inventory: typer.Typer = noun("inventory", "Everything that exists, as a file.")
device: typer.Typer = noun("device", "Routers, switches, servers, power supplies.")
site: typer.Typer = noun("site", "Places with equipment.")
inventory.add_typer(province)

FileArgument = Annotated[Path, typer.Argument(help="The inventory, YAML version 1.")]


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(inventory)
    app.add_typer(device)
    app.add_typer(site)


@verb(inventory, "plan")
def plan(file: FileArgument) -> None:
    """Show what importing a file would do; nothing is changed.

    Example: hatang inventory plan lab.yaml --as lan
    """
    _check(file)
    with door().read() as (session, actor):
        found = service.plan_import(session, actor, file, lab=door().settings.lab)
    _show_plan(found)


@verb(inventory, "import")
def import_(
    file: FileArgument,
    *,
    sha256: Annotated[
        str, typer.Option("--plan", help="Only if the plan is the one with this hash.")
    ] = "",
) -> None:
    """Apply a file in one transaction: everything, or nothing and every error at once.

    Example: hatang inventory import lab.yaml --as lan
    """
    _check(file)
    with door().write() as (session, actor):
        found = service.plan_import(session, actor, file, lab=door().settings.lab)
        if sha256 and found.sha256 != sha256:
            fix = "Plan it again and read what changed."
            problem = Problem(file.name, "plan", sha256, "is not the plan of this file now", fix)
            raise InvalidInputError([problem])
        service.apply_import(session, actor, found, f"cli:{file.name}")
    _show_plan(found)
    say("applied" if not found.is_empty else "nothing to do")


def _check(file: Path) -> None:
    if not file.is_file():
        raise NotFoundError(f"there is no file {file}")


def _show_plan(found: ImportPlan) -> None:
    rows = [
        {
            "do": do,
            "kind": row.kind,
            "key": row.key,
            "fields": {
                name: [difference.before, difference.after]
                for name, difference in row.fields.items()
            },
        }
        for do, planned in (("create", found.created), ("change", found.changed))
        for row in planned
    ]
    if door().form == "table":
        show_rows(rows, "do", "kind", "key")
        show({"sha256": found.sha256, **found.counts()})
        return
    show({"sha256": found.sha256, **found.counts(), "rows": rows})


@verb(inventory, "export")
def export() -> None:
    """Print the whole inventory as a file that imports unchanged.

    Example: hatang inventory export --as lan > province.yaml
    """
    with door().read() as (session, actor):
        text = service.export_yaml(session, actor)
    show_text(text)


@verb(device, "list")
def list_devices(
    *,
    site_slug: Annotated[str, typer.Option("--site", help="Of this site only.")] = "",
    role: Annotated[str, typer.Option(help="core, hub, switch, server, …")] = "",
    platform: Annotated[str, typer.Option(help="frr, cisco_ios, arista_eos, linux, …")] = "",
    search: Annotated[str, typer.Option(help="Part of a name, address or serial number.")] = "",
) -> None:
    """List devices.

    Example: hatang device list --role hub --as lan
    """
    wanted = {"site": site_slug, "role": role, "platform": platform}
    filters = {name: value for name, value in wanted.items() if value}
    with door().read() as (session, actor):
        page = service.list_devices(session, actor, Query(filters, search, limit=None))
    show_rows(page.items, "name", "site", "role", "platform", "primary_ip4", "status")


@verb(device, "show")
def show_device(name: str) -> None:
    """Show a device and how it is.

    Example: hatang device show hub-2 --as lan
    """
    with door().read() as (session, actor):
        row = service.get_device(session, actor, name)
        status = monitors.device_status(session, actor, name)
    parts = {part.element.key: part.state for part in status.parts}
    show({"device": row, "state": status.device.state, "since": status.device.since, **parts})


@verb(site, "list")
def list_sites() -> None:
    """List sites with the worst state of their devices.

    Example: hatang site list --as lan
    """
    with door().read() as (session, actor):
        states = {row.site: row for row in monitors.site_statuses(session, actor)}
        rows = [
            {
                "slug": row.slug,
                "name": row.name,
                "kind": row.kind,
                "unit": row.unit,
                "state": states[row.slug].state if row.slug in states else None,
                "devices": sum(states[row.slug].counts.values()) if row.slug in states else 0,
            }
            for row in service.list_sites(session, actor, Query(limit=None)).items
        ]
    show_rows(rows, "slug", "name", "kind", "unit", "state", "devices")
