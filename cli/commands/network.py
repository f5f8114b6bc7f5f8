"""How the province stands, now or at a moment that is over."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from api import overview
from cli.command import noun, verb
from cli.door import door
from cli.output import say, show, show_rows, wants_json
from monitors.choices import SEVERITY, State

network: typer.Typer = noun("network", "How the province stands, now or at a moment that is over.")


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(network)


@verb(network, "status")
def status(
    *,
    at: Annotated[
        datetime | None, typer.Option(help="A moment that is over, in local time; now.")
    ] = None,
) -> None:
    """Show the state of the province, and the sites that are not good, worst first.

    With --at as it stood then, from the changes of state that are kept; what nobody had measured
    by then is unknown.

    Example: hatang network status --at "2026-11-28 02:14" --as lan
    """
    with door().read() as (session, actor):
        found = overview.network_status(session, actor, at.astimezone() if at else None)
    if wants_json():
        show(found)
        return
    show_rows([found], "at", "state", "incidents", "devices", "services", "maintenance")
    bad = [each for each in found.sites if each.state is not State.GOOD]
    bad.sort(key=lambda each: (-SEVERITY.index(each.state), each.site))
    show_rows(bad, "site", "name", "state", "counts")
    if found.kept_since:
        say(f"moments can be asked about since {found.kept_since.astimezone():%Y-%m-%d %H:%M}")
