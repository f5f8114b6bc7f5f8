"""Whom pages go to, and how they fare."""

from __future__ import annotations

from typing import Annotated

import typer

from alerts import service
from alerts.notification.checking import refused_by_amtool, require_sound
from alerts.notification.rendering import render_alertmanager
from cli import collector, exits
from cli.command import Command, noun, verb
from cli.door import door
from cli.output import say, show_rows
from cli.roles import become
from cli.wiring.correlation import alertmanagers

notification: typer.Typer = noun("notification", "Whom pages go to, and whether they get through.")


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(notification)
    app.command("notifier", cls=Command)(notifier)


def notifier() -> None:
    """Hand pages to SMS and other gateways alone.

    Example: hatang notifier
    """
    opened = door()
    _ = opened.settings  # what is wrong with them is told before anything else
    become("notifier", opened.config)


@verb(notification, "config")
def config(
    *,
    check: Annotated[bool, typer.Option("--check", help="Only judge it, by amtool too.")] = False,
) -> None:
    """Show what Alertmanager is configured with, secrets taken out, or judge it.

    Example: hatang notification config --check
    """
    opened = door()
    settings = opened.settings
    require_sound(settings)
    if not check:
        typer.echo(render_alertmanager(settings, redacted=True), nl=False)
        return
    refusal = refused_by_amtool(render_alertmanager(settings))
    unknown = collector.unknown_units(opened.app)
    for problem in unknown:
        say(str(problem))
    if refusal:
        say(f"amtool refuses it: {refusal}")
    if unknown or refusal:
        raise typer.Exit(exits.FAILED)
    say("sound" if refusal == "" else "sound by our own rules; amtool is not installed")


@verb(notification, "list")
def list_() -> None:
    """Show the receivers and what each is told of.

    Example: hatang notification list --as lan
    """
    opened = door()
    with opened.read() as (_session, actor):
        found = service.list_receivers(opened.settings, actor)
    show_rows(found, "name", "kind", "used_by")


@verb(notification, "test")
def test(name: Annotated[str, typer.Argument(help="The receiver.")]) -> None:
    """Send a test notification to one receiver; it recovers by itself within a minute.

    Example: hatang notification test truc-dem --as lan
    """
    opened = door()
    settings = opened.settings
    actor = opened.acting()
    members = alertmanagers(settings)
    count = service.send_test(opened.app.db, actor, name, settings, members)
    say(f"{count} Alertmanager took it; `hatang notification status` says what gets stuck")


@verb(notification, "status")
def status() -> None:
    """Show what does not get through now; exit status 1 when anything.

    Example: hatang notification status --format json
    """
    opened = door()
    with opened.app.db.read() as session:
        found = service.list_troubles(session, opened.settings)
    show_rows(found, "alertmanager", "integration", "since", "seen_at", "error")
    if found:
        raise typer.Exit(exits.FAILED)
