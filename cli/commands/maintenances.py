"""Announced work: what begins in it pages nobody."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from alerts import service
from alerts.maintenance import announced_by
from alerts.service import MaintenanceRequest
from cli.command import noun, verb
from cli.door import door
from cli.output import say, show, show_parts, show_rows
from cli.recurring import (
    BeginOption,
    FirstOption,
    MonthdayOption,
    UntilOption,
    WeekOption,
    hour,
    weekdays,
)
from hatang.calendar.recurrence import Frequency, Rule
from hatang.clock import now
from hatang.errors import ConflictError
from inventory import service as inventory

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


@verb(maintenance, "repeat")
def repeat(  # noqa: PLR0913 - a rule has these parts
    elements: Annotated[
        list[str], typer.Argument(help="Device names, site:SLUG, circuit:CID, or kind:key.")
    ],
    *,
    reason: Annotated[str, typer.Option(help="What is done.")],
    begin: BeginOption,
    until: UntilOption,
    minutes: Annotated[int, typer.Option(min=1, max=1_440, help="How long each time.")] = 120,
    first: FirstOption = None,
    on: Annotated[
        list[str] | None, typer.Option("--on", help="mon … sun, each week; may repeat.")
    ] = None,
    monthday: MonthdayOption = None,
    week: WeekOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show each time.")] = False,
) -> None:
    """Announce work that comes again weekly or monthly, 60 times within a year at most.

    Example: hatang maintenance repeat srv-db --on sun --at 01:00 --until 2027-06-30 --reason backup

    Example: hatang maintenance repeat hub-1 --on sat --week 2 --at 22:00 --until 2027-06-30
    --reason "patch night" --dry-run
    """
    opened = door()
    zone = opened.settings.timezone
    today = now().astimezone(ZoneInfo(zone)).date()
    monthly = monthday is not None or week is not None
    rule = Rule(
        frequency=Frequency.MONTHLY if monthly else Frequency.WEEKLY,
        begin=hour(begin),
        minutes=minutes,
        first=first.date() if first else today,
        until=until.date(),
        weekdays=weekdays(on or []),
        monthday=monthday,
        week=week,
    )
    request = service.SeriesRequest(tuple(elements), rule, reason, zone)
    longest = opened.settings.alerts.longest_maintenance
    if dry_run:
        with opened.read() as (session, actor):
            show(service.plan_series(session, actor, request, longest))
        say("nothing was announced")
        return
    with opened.write() as (session, actor):
        series, times = service.create_series(session, actor, request, longest)
        show(series)
    say(f"series {series.id} comes {len(times)} times")


@verb(maintenance, "notice")
def notice(
    file: Annotated[Path, typer.Argument(help="The notice as text; - reads it from the pipe.")],
    *,
    confirm: Annotated[
        str, typer.Option(help="The digest shown: announce exactly what is sure of it.")
    ] = "",
) -> None:
    """Read a carrier's or power company's outage notice: when, where, and who is cut off.

    Nothing is announced until the digest of what was shown is given back. What is not sure is
    announced by hand: hatang maintenance announce.

    Example: hatang maintenance notice thong-bao.txt --as lan

    Example: hatang maintenance notice thong-bao.txt --confirm 3f9a12c4 --as lan
    """
    opened = door()
    text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    zone = opened.settings.timezone
    longest = opened.settings.alerts.longest_maintenance
    with opened.read() as (session, actor):
        topology = inventory.load_topology(session)
        found = service.read_notice(session, actor, text, topology, zone)
    digest = service.digest_of(found)
    if not confirm:
        show_parts(
            found,
            windows=("starts_at", "ends_at", "is_sure", "text"),
            points=("name", "is_sure", "elements", "affected", "people", "text"),
        )
        say(f"nothing was announced; announce what is sure with --confirm {digest}")
        return
    if confirm != digest:
        raise ConflictError(
            f"the notice now comes to {digest}, not {confirm}",
            fix="Look at it again: the inventory or the notice changed.",
        )
    with opened.write() as (session, actor):
        rows = service.announce_notice(session, actor, found, text, longest)
        show_rows(rows, "id", "starts_at", "ends_at", "reason", "elements")


@verb(maintenance, "end-series")
def end_series(
    number: int,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would end.")] = False,
) -> None:
    """End work that comes again: what runs ends now, what would come does not.

    Example: hatang maintenance end-series 2 --as lan
    """
    if dry_run:
        with door().read() as (session, actor):
            show(service.get_series(session, actor, number))
        say("nothing was ended")
        return
    with door().write() as (session, actor):
        count = service.end_series(session, actor, number)
    say(f"series {number} is over; {count} times were left")


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
