"""One read-only command on many devices."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import exits
from cli.command import noun, verb
from cli.commands.equipment import device
from cli.door import door
from cli.options import several
from cli.output import say, show_rows, wants_json
from hatang.errors import NotFoundError, Reason
from inventory import platforms, service
from inventory.platforms.schema import Platform, Shell
from inventory.rows import Query
from playbooks.commands import run_command
from playbooks.pace import Pace

command: typer.Typer = noun("command", "Read-only commands on many devices.")


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(command)


@verb(command, "run")
def run(
    text: Annotated[str, typer.Argument(help="One show, display, ping or traceroute command.")],
    *,
    devices: Annotated[
        str, typer.Option(help="Names with commas between, or all that have a command line.")
    ] = "all",
) -> None:
    """Run a command and group equal answers; exit status 1 when a device gave none.

    Example: hatang command run "show version" --devices hub-1,hub-2 --as lan
    """
    _run(text, devices, {})


@verb(device, "run")
def run_on_devices(
    text: Annotated[str, typer.Argument(help="One show, display, ping or traceroute command.")],
    *,
    devices: Annotated[str, typer.Option(help="Names with commas between, or all.")] = "all",
    site: Annotated[str, typer.Option(help="At this site only.")] = "",
    role: Annotated[str, typer.Option(help="core, hub, switch, …")] = "",
    platform: Annotated[str, typer.Option(help="frr, cisco_ios, huawei_vrp, …")] = "",
) -> None:
    """Ask devices with one command that only reads, and group equal answers.

    Example: hatang device run "show version" --site xa-01 --as lan
    """
    _run(text, devices, {"site": site, "role": role, "platform": platform})


def _has_command_line(platform: Platform) -> bool:
    """Whether the platform knows commands that show; a server's shell knows none of them."""
    return platform.drivers.netmiko is not None and platform.shell is not Shell.POSIX


def _run(text: str, devices: str, where: dict[str, str]) -> None:
    opened = door()
    actor = opened.acting()
    filters = {name: value for name, value in where.items() if value}
    named = several(devices)
    with opened.read() as (session, who):
        rows = service.list_devices(session, who, Query(filters, limit=None)).items
    has_line = [row.name for row in rows if _has_command_line(platforms.get(row.platform))]
    found = {row.name for row in rows}
    # A name that is in the inventory and elsewhere than asked for is left out; others are told of.
    wanted = has_line if devices == "all" else [n for n in named if not filters or n in found]
    if not wanted:
        raise NotFoundError("no device is left to ask", fix="Widen --site, --role or --platform.")
    say(f"asking {len(wanted)} devices …")
    pace = Pace.of(opened.settings)
    groups = run_command(opened.app.db, opened.app.host_keys, actor, text, wanted, pace=pace)
    if wants_json():
        show_rows(groups)
    else:
        for group in groups:
            heading = f"{len(group.devices)}: {', '.join(group.devices)}"
            print(f"{heading}\n{group.output or f'({group.reason}) {group.message}'}\n")
    if any(group.reason is not Reason.OK for group in groups):
        raise typer.Exit(exits.FAILED)
