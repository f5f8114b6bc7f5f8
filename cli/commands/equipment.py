"""Devices and sites, and how they are."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.command import noun, verb
from cli.commands.topology import show_way
from cli.door import door
from cli.output import show, show_rows
from hatang.errors import NotFoundError
from inventory import service
from inventory.choices import ElementKind
from inventory.rows import Query
from monitors import service as monitors

device: typer.Typer = noun("device", "Routers, switches, servers, power supplies.")
site: typer.Typer = noun("site", "Places with equipment.")


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(device)
    app.add_typer(site)


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
    """Show a device and how it is, each field with what is intended and what was observed.

    Example: hatang device show hub-2 --as lan
    """
    with door().read() as (session, actor):
        row = service.get_device(session, actor, name)
        status = monitors.device_status(session, actor, name)
        facts = service.list_facts(session, actor, ElementKind.DEVICE, row.name)
    parts = {part.element.key: part.state for part in status.parts}
    told = {"state": status.device.state, "since": status.device.since, "fields": facts}
    show({"device": row, **told, **parts})


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


@verb(site, "route")
def route(slug: str) -> None:
    """Show a site's way to the data centre: state and width of each leg, what cuts it off alone.

    Example: hatang site route xa-05 --as lan
    """
    with door().read() as (session, actor):
        found = service.site_route(session, actor, service.load_topology(session), slug)
        if found is None:
            raise NotFoundError(
                f"no drawn way leads from {slug} to the data centre",
                fix="Import the cables and circuits of the site.",
            )
        points = [f"{one.kind} {one.key}" for one in found.single_points]
        own = {"site": found.site, "has_spare": found.has_spare, "single_points": points}
        show_way(session, actor, found, own)
