"""What OpenSCAP said of servers."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 RUF100 - typer reads it when it runs
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from baselines.openscap import MOST_SECONDS, Datastream
from baselines.service import ordering, scanning, scans
from cli.command import noun, verb
from cli.commands.baselines import DeviceOption, baseline
from cli.door import door
from cli.output import say, show, show_rows
from playbooks.pace import Pace

scan: typer.Typer = noun("scan", "What OpenSCAP said of servers, by the user's own content.")


def register() -> None:
    """Add these commands to `hatang baseline`."""
    baseline.add_typer(scan)


@verb(scan, "import")
def import_file(
    device: str,
    file: Annotated[Path, typer.Argument(help="What oscap wrote: --results or --results-arf.")],
) -> None:
    """Keep the result of a scan of a server; one in which nothing was judged is refused.

    Example: hatang baseline scan import srv-dns results.xml --as lan
    """
    opened = door()
    zone = ZoneInfo(opened.settings.timezone)
    with opened.write() as (session, actor):
        number = scans.import_scan(session, actor, device, file.name, file.read_bytes(), zone=zone)
    show({"scan": number})


@verb(scan, "run")
def run(
    device: str,
    *,
    datastream: Annotated[
        Path | None, typer.Option(help="A SCAP datastream; else what the settings give for it.")
    ] = None,
    profile: Annotated[str, typer.Option(help="A profile of it, whole or its last word.")] = "",
    seconds: Annotated[
        int, typer.Option(min=1, max=MOST_SECONDS * 4, help="How long the scan may take.")
    ] = MOST_SECONDS,
) -> None:
    """Have the OpenSCAP that is installed on a server judge it; nothing stays there.

    Example: hatang baseline scan run srv-dns --datastream ssg-debian12-ds.xml
    --profile standard --as lan
    """
    opened = door()
    if datastream is None:
        content, usual = ordering.of_settings(opened.settings, device)
    else:
        content, usual = Datastream.read(datastream.read_bytes(), datastream.name), ""
    order = scanning.Order(content, profile or usual, ZoneInfo(opened.settings.timezone), seconds)
    actor = opened.acting()
    pace, host_keys = Pace.of(opened.settings), opened.app.host_keys
    number = scanning.scan_server(opened.app.db, host_keys, actor, device, order, pace=pace)
    with opened.read() as (session, _):
        row, _findings = scans.get_scan(session, actor, number)
    show({"scan": number, "scanner": row.scanner, "verdicts": row.verdicts})


@verb(scan, "list")
def list_all(*, device: DeviceOption = "") -> None:
    """List scans, the newest first.

    Example: hatang baseline scan list --device srv-dns --as truc
    """
    with door().read() as (session, actor):
        rows = scans.list_scans(session, actor, device)
    show_rows(rows, "id", "device", "benchmark", "profile", "ended_at", "verdicts")


@verb(scan, "show")
def show_one(number: int) -> None:
    """List what a scan found, failures first.

    Example: hatang baseline scan show 3 --as truc
    """
    with door().read() as (session, actor):
        row, findings = scans.get_scan(session, actor, number)
    show_rows(findings, "rule_id", "severity", "verdict", "reason", "title")
    say(f"{row.device}: {row.scanner}, {row.benchmark}, target {row.target}, {row.ended_at}")
