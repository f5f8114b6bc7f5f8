"""Rules that alerts are raised by."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alerts.rulebook import service
from cli.command import noun, verb
from cli.door import door
from cli.output import say, show_rows

rule: typer.Typer = noun("rule", "What alerts are raised by, and a check of your own rules.")


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(rule)


@verb(rule, "list")
def list_(
    *,
    topic: Annotated[str, typer.Option(help="Of this topic alone; your own are `own`.")] = "",
    firing: Annotated[bool, typer.Option("--firing", help="Only those that fire now.")] = False,
) -> None:
    """List rules by topic with threshold and state; files that do not load are named.

    Example: hatang rule list --topic circuits --as lan
    """
    settings = door().settings
    with door().read() as (session, actor):
        book = service.book(session, actor, settings)
    rows = [
        row
        for row in book.rules
        if topic in ("", row.topic) and (row.state == "firing" or not firing)
    ]
    show_rows(rows, "topic", "name", "severity", "threshold", "waits", "state", "firing")
    for file in book.refused:
        say(f"{file.file} is not loaded:")
        for problem in file.problems:
            say(f"  {problem}")


@verb(rule, "check")
def check(files: Annotated[list[Path], typer.Argument(metavar="FILE…")]) -> None:
    """Check files of rules as Prometheus does; exit status 1 names everything wrong in all.

    Example: hatang rule check own.yml
    """
    show_rows(service.check(files, door().settings), "file", "rules")
