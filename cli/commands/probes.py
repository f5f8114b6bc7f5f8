"""What is probed of services, and one probe now."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli import exits
from cli.command import noun, verb
from cli.door import door
from cli.output import say, show_rows
from monitors import probing
from monitors.choices import State

probe: typer.Typer = noun("probe", "How services are measured.")


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(probe)


@verb(probe, "list")
def probe_list(
    *,
    service: Annotated[str, typer.Option(help="Only this service, by its code.")] = "",
    line: Annotated[str, typer.Option(help="Only the probes of this name.")] = "",
) -> None:
    """Show what would be probed, and everything wrong with the lines in `probes/*.yaml`.

    Exit status 1 when a line is wrong, selects nothing, or a service cannot be asked as it says.

    Example: hatang probe list --line desk-ping --as lan
    """
    opened = door()
    with opened.read() as (session, actor):
        planned = probing.plan(session, actor, opened.settings)
    rows: list[dict[str, Any]] = [
        {
            "service": one.code,
            "name": one.name,
            "probe": one.probe,
            "url": one.url,
            "period": one.period_seconds or opened.settings.monitors.period_seconds,
        }
        for one in planned.targets
        if service in ("", one.code) and line in ("", one.name.partition("@")[0])
    ]
    show_rows(rows, "service", "name", "probe", "url", "period")
    for problem in planned.problems:
        say(f"not probed: {problem}")
    if planned.problems:
        raise typer.Exit(exits.FAILED)


@verb(probe, "try")
def probe_try(
    service: Annotated[str, typer.Argument(help="The service's code.")],
    *,
    name: Annotated[str, typer.Option(help="Only its probe of this name.")] = "",
) -> None:
    """Probe a service once, now; nothing is kept. Exit status 1 when a probe is not good.

    Example: hatang probe try portal --as lan
    """
    opened = door()
    with opened.write() as (session, actor):  # somebody looks with stored logins: it is recorded
        targets = probing.choose(probing.plan(session, actor, opened.settings), service, name)
    tried = probing.try_now(targets, opened.settings, opened.app.db)
    show_rows(tried, "name", "probe", "url", "state", "cause", "seconds", "detail")
    if any(one.state is not State.GOOD for one in tried):
        raise typer.Exit(exits.FAILED)
