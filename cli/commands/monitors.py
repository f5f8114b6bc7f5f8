"""The measurements: running them, and seeing what they cost."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import Annotated

import typer

from cli import exits
from cli.command import Group, verb
from cli.door import door
from cli.output import say, show, show_rows, wants_json
from cli.roles import become
from monitors import service
from monitors.fitting import Limits

monitors = typer.Typer(
    name="monitor", cls=Group, invoke_without_command=True, rich_markup_mode=None
)


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(monitors)


@monitors.callback()
def monitor(
    context: typer.Context,
    *,
    shard: Annotated[
        str, typer.Option(help="Measure part NUMBER/COUNT of the devices, such as 0/2.")
    ] = "",
    listen_port: Annotated[int, typer.Option(help="Port of the page that Prometheus takes.")] = 0,
) -> None:
    """Run the measurements alone.

    Several share the devices, each a part with a page of its own, which Prometheus finds.

    Example: hatang monitor --shard 1/2 --listen-port 9110
    """
    if context.invoked_subcommand is not None:
        return
    given = {"SHARD": shard, "LISTEN__PORT": str(listen_port or "")}
    os.environ |= {f"HATANG_MONITORS__{key}": value for key, value in given.items() if value}
    opened = door()
    _ = opened.settings  # what is wrong with them is told before anything else
    become("monitor", opened.config)


@verb(monitors, "plan")
def plan() -> None:
    """Show what polling costs and whether it fits; exit status 1 when it does not.

    From the last polls of the running monitors: series, datagrams, what polling takes of each
    circuit, and what Prometheus needs of memory and of disk for a year.

    Example: hatang monitor plan --format json
    """
    settings = door().settings.monitors
    limits = Limits(settings.period_seconds, settings.concurrency, settings.site_concurrency)
    costs = asyncio.run(door().app.monitor.costs())
    with door().read() as (session, actor):
        found = service.plan(session, actor, costs, limits)
    if wants_json():
        show(found)
    else:
        show(replace(found, circuits=(), problems=()))
        show_rows(found.circuits, "cid", "devices", "bits_per_second", "rate_kbps", "share")
    for problem in found.problems:
        say(problem)
    if not found.fits:
        raise typer.Exit(exits.FAILED)
