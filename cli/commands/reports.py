"""How long people took, and what carriers owe."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from alerts import service
from alerts.service import Grouping
from api.credits import credit, line
from api.periods import days, month_named
from cli.command import noun, verb
from cli.door import door
from cli.options import LanguageOption
from cli.output import show_rows
from cli.reporting import in_language, write
from inventory.jobs import today

report: typer.Typer = noun("report", "How long people took, and what carriers owe.")
DAY = ["%Y-%m-%d"]


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(report)


@verb(report, "times")
def times(
    *,
    by: Annotated[Grouping, typer.Option(help="What they are told apart by.")] = Grouping.UNIT,
    since: Annotated[
        datetime | None, typer.Option(formats=DAY, help="First day; 30 days ago.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=DAY, help="Last day, counted; today.")
    ] = None,
) -> None:
    """Show times to acknowledge and to repair: median and 90th percentile, in seconds.

    Of incidents opened in these days, without the time of announced work. What has no such time
    is counted apart: open, waiting, untaken, closed by a person.

    Example: hatang report times --by carrier --since 2026-10-01 --until 2026-10-31 --as lan
    """
    settings = door().settings
    last: date = until.date() if until else today(settings)
    first: date = since.date() if since else last - timedelta(days=29)
    with door().read() as (session, actor):
        span = days(first, last, ZoneInfo(settings.timezone))
        found = service.response_times(session, actor, by, span)
    show_rows(
        found,
        *("name", "incidents", "acknowledged", "waiting", "untaken"),
        *("repaired", "open", "closed", "in_maintenance"),
    )


@verb(report, "credit")
def carrier_credit(
    carrier: Annotated[str, typer.Argument(help="Its name in the inventory.")],
    *,
    month: Annotated[str, typer.Option(help="Such as 2026-10.")],
    out: Annotated[Path | None, typer.Option(help="Write it as this file: .pdf or .xlsx.")] = None,
    language: LanguageOption = "vi",
) -> None:
    """Show what a carrier owes for a month: availability of each circuit, credit by its contract.

    With --out the whole report with each outage and each gap in measurement. Contracts stand in
    the settings (alerts.contracts); without tiers no formula is known, which is not 0.

    Example: hatang report credit VNPT --month 2026-10 --out vnpt.pdf --as lan
    """
    opened = door()
    settings = opened.settings
    named = (month_named(month), ZoneInfo(settings.timezone))
    with opened.read() as (session, actor):
        found = service.carrier_credit(session, actor, carrier, named, settings.alerts.contracts)
    if out is None:
        show_rows(
            [line(each) for each in found.circuits],
            *("cid", "contract", "promised_percent", "down_minutes", "unmeasured_minutes"),
            *("availability_least_percent", "availability_most_percent"),
            *("credit_percent", "credit_at_most_percent", "owed_vnd"),
        )
        return
    with in_language(language, out):
        write(credit(found, settings.timezone), out)
