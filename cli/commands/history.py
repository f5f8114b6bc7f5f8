"""What was measured over days, months and years."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from cli.command import noun, verb
from cli.door import door
from cli.output import show_rows
from inventory.jobs import today
from monitors.rollups import service

history: typer.Typer = noun("history", "What was measured over days, months and years.")


class Kind(StrEnum):
    """Of what there are roll-ups."""

    DEVICE = "device"
    SERVICE = "service"
    CIRCUIT = "circuit"


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(history)


@verb(history, "list")
def listing(
    kind: Annotated[Kind, typer.Argument(help="Of devices, services or circuits.")],
    *,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day; 30 days ago.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day, counted; today.")
    ] = None,
) -> None:
    """Show availability, traffic and errors over a span of days, the worst first.

    From daily roll-ups that are kept for years. `measured` is the share of the time that was
    measured at all; `missing days` have no roll-up. What was not measured is empty, never zero.

    Example: hatang history list circuit --since 2026-10-01 --until 2026-10-31
    """
    last: date = until.date() if until else today(door().settings)
    first: date = since.date() if since else last - timedelta(days=29)
    with door().read() as (session, actor):
        found = service.spans(session, actor, kind.value, service.span_of(first, last))
    show_rows(
        found,
        *("name", "metric", "average", "worst_day_percentile95", "maximum"),
        *("measured", "days", "missing_days"),
    )
