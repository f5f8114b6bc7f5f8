"""Is it secure, and is the record of who did what whole."""

from __future__ import annotations

from typing import Annotated

import typer

from api import reports
from baselines import service
from cli import exits
from cli.command import noun, verb
from cli.door import door
from cli.options import LanguageOption, LimitOption, OffsetOption, OutOption, SortOption
from cli.output import say, show, show_page, show_rows
from cli.reporting import in_language, write
from hatang import audit as log
from hatang.auth import Permission, require
from hatang.datadir import Places, load_audit_key
from inventory import platforms
from inventory import service as inventory
from inventory.rows import EVERYTHING, Query

audit: typer.Typer = noun("audit", "Configurations judged by rules, with evidence.")
audit_log: typer.Typer = noun("audit-log", "The record of who did what.")


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(audit)
    app.add_typer(audit_log)


@verb(audit, "run")
def run(
    *, devices: Annotated[str, typer.Option(help="Names with commas between, or all.")] = "all"
) -> None:
    """Judge the vault's newest configurations; devices never collected are named.

    Example: hatang audit run --devices hub-1 --as lan
    """
    opened = door()
    actor = opened.acting()
    wanted = [each.strip() for each in devices.split(",") if each.strip()]
    if devices == "all":
        with opened.read() as (session, who):
            rows = inventory.list_devices(session, who, EVERYTHING).items
        wanted = [row.name for row in rows if platforms.get(row.platform).drivers.napalm]
    done = service.audit_devices(opened.app.db, actor, wanted)
    missing, broken = done.not_collected, done.errors
    show({"audited": done.audits, "not_collected": missing, "errors": broken})
    say(f"{len(done.audits)} audited, {len(missing)} never collected, {len(broken)} broke")
    if missing or broken:
        raise typer.Exit(exits.FAILED)


@verb(audit, "findings")
def findings(
    *,
    device: Annotated[str, typer.Option(help="Of this device only.")] = "",
    verdict: Annotated[str, typer.Option(help="pass, fail, unknown, …")] = "",
    limit: LimitOption = 10_000,
    offset: OffsetOption = 0,
    sort: SortOption = "",
) -> None:
    """List findings of each device's newest audit, worst first.

    Example: hatang audit findings --verdict fail --as lan
    """
    given = {"device": device, "verdict": verdict}
    query = Query({name: value for name, value in given.items() if value}, "", sort, limit, offset)
    with door().read() as (session, actor):
        found = service.list_findings(session, actor, query)
    show_page(found, "device", "rule_id", "severity", "verdict", "reason")


@verb(audit, "report")
def report(
    *,
    out: OutOption,
    device: Annotated[str, typer.Option(help="Of this device only.")] = "",
    verdict: Annotated[str, typer.Option(help="pass, fail, unknown, …")] = "",
    language: LanguageOption = "vi",
) -> None:
    """Write the findings with the score as a file, to print or to count with.

    Example: hatang audit report --out findings.pdf --as lan
    """
    given = {"device": device, "verdict": verdict}
    filters = {name: value for name, value in given.items() if value}
    opened = door()
    with in_language(language, out):
        with opened.read() as (session, actor):
            document = reports.findings(session, actor, filters, opened.settings.timezone)
        write(document, out)


@verb(audit, "score")
def score() -> None:
    """Show the share of passes, and what it leaves out.

    Example: hatang audit score --as lan
    """
    with door().read() as (session, actor):
        show(service.score(session, actor))


@verb(audit_log, "verify")
def verify() -> None:
    """Check the chain against its key and the heads outside; exit status 1 when it was touched.

    Example: hatang audit-log verify --as truc
    """
    opened = door()
    places = Places.of(opened.settings)
    with opened.read() as (_session, actor):
        require(actor, Permission.AUDIT_READ)
    heads = log.HeadFile(places.audit_heads)
    with opened.app.db.read() as session:
        breaks = log.verify(session, load_audit_key(places.audit_key), heads)
    show_rows(breaks, "sequence", "kind", "message")
    say(f"{len(breaks)} breaks" if breaks else "the chain is whole")
    if breaks:
        raise typer.Exit(exits.FAILED)
