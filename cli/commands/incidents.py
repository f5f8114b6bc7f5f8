"""What is wrong, and who took it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from alerts import service
from alerts.choices import IncidentState
from cli.command import noun, verb
from cli.door import door
from cli.output import say, show, show_rows
from hatang.clock import now

incident: typer.Typer = noun("incident", "What is wrong, and why.")
OPEN = (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(incident)


@verb(incident, "list")
def list_(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Resolved ones too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
) -> None:
    """List incidents, newest first.

    Example: hatang incident list --all --as lan
    """
    states = tuple(IncidentState) if everything else OPEN
    with door().read() as (session, actor):
        page = service.list_incidents(session, actor, states=states, limit=limit)
    columns = ("id", "state", "severity", "alertname", "name", "site", "opened_at", "resolved_at")
    show_rows(page.incidents, *columns)


@verb(incident, "show")
def show_(number: int) -> None:
    """Show an incident with its effects and timeline.

    Example: hatang incident show 7 --as lan
    """
    with door().read() as (session, actor):
        show(service.get_incident(session, actor, number))


@verb(incident, "timeline")
def timeline(
    number: int,
    *,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Measurements at most.")] = 500,
) -> None:
    """Show what was measured, done and changed around an incident, in one order of time.

    Example: hatang incident timeline 7 --as lan
    """
    with door().read() as (session, actor):
        found = service.incident_timeline(session, actor, number, limit=limit)
    show_rows(found.moments, "at", "lane", "kind", "element", "text")
    if found.left_out:
        say(f"{found.left_out} later measurements are left out; ask for more with --limit")


@verb(incident, "ack")
def acknowledge(
    number: int,
    *,
    note: Annotated[str, typer.Option(help="What you do about it.")] = "",
    hours: Annotated[float, typer.Option(min=0.1, max=168, help="How long you take it.")] = 8,
) -> None:
    """Take an incident: nobody is paged for it again until then.

    Example: hatang incident ack 7 --note "calling the carrier" --hours 4 --as lan
    """
    until = now() + timedelta(hours=hours)
    with door().write() as (session, actor):
        service.acknowledge(session, actor, number, note=note, ends_at=until)
    say(f"incident {number} is yours until {until.isoformat(timespec='minutes')}")


@verb(incident, "close")
def close(
    number: int,
    *,
    reason: Annotated[str, typer.Option(help="How you know that it is over.")],
) -> None:
    """End an incident that no measurement will end; one that is measured bad stays open.

    Example: hatang incident close 7 --reason "the device was taken away" --as lan
    """
    with door().write() as (session, actor):
        service.close(session, actor, number, reason=reason)
    say(f"incident {number} is closed; people are told that it is over")
