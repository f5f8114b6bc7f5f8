"""Announced work: what begins in it pages nobody."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer

from alerts import service
from alerts.maintenance import announced_by
from alerts.service import MaintenanceRequest
from cli.command import noun, verb
from cli.door import door
from cli.output import say, show, show_rows
from hatang.clock import now

maintenance: typer.Typer = noun("maintenance", "Announced work: what begins in it pages nobody.")
LONGEST_HOURS = 366 * 24.0


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(maintenance)


@verb(maintenance, "announce")
def announce(
    elements: Annotated[
        list[str], typer.Argument(help="Device names, site:SLUG, circuit:CID, or kind:key.")
    ],
    *,
    reason: Annotated[str, typer.Option(help="What is done.")],
    hours: Annotated[float, typer.Option(min=0.1, max=LONGEST_HOURS, help="How long.")] = 2,
    begin: Annotated[
        datetime | None, typer.Option("--from", help="When, in local time; now if not given.")
    ] = None,
    carrier: Annotated[
        str, typer.Option(help="The carrier that announced it: its outages in it owe nothing.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be withheld.")
    ] = False,
) -> None:
    """Announce work: faults that begin in it on these elements page nobody until it ends.

    Nothing announced before is silenced, and everything is still measured.

    Example: hatang maintenance announce hub-1 --hours 2 --reason "new power supply" --as lan

    Example: hatang maintenance announce site:xa-05 circuit:VNPT-0042 --reason "cable" --dry-run
    """
    opened = door()
    longest = opened.settings.alerts.longest_maintenance
    starts_at = begin.astimezone() if begin else now()
    ends_at = starts_at + timedelta(hours=hours)
    source = announced_by(carrier)
    request = MaintenanceRequest(tuple(elements), starts_at, ends_at, reason, source)
    if dry_run:
        with opened.read() as (session, actor):
            show(service.plan_maintenance(session, actor, request, longest))
        say("nothing was announced")
        return
    with opened.write() as (session, actor):
        row = service.create_maintenance(session, actor, request, longest)
        show(row)


@verb(maintenance, "list")
def list_(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Those that are over too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
) -> None:
    """List announced work, the latest first.

    Example: hatang maintenance list --all --as lan
    """
    with door().read() as (session, actor):
        page = service.list_maintenances(session, actor, is_over=everything, limit=limit)
    show_rows(page.maintenances, "id", "starts_at", "ends_at", "reason", "created_by", "elements")


@verb(maintenance, "end")
def end(
    number: int,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would end.")] = False,
) -> None:
    """End announced work now: what is bad then pages.

    Example: hatang maintenance end 3 --as lan
    """
    if dry_run:
        with door().read() as (session, actor):
            show(service.get_maintenance(session, actor, number))
        say("nothing was ended")
        return
    with door().write() as (session, actor):
        service.end_maintenance(session, actor, number)
    say(f"maintenance {number} is over")
