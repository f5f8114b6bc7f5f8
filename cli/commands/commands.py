"""One read-only command on many devices."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import exits
from cli.command import noun, verb
from cli.door import door
from cli.output import say, show_rows, wants_json
from hatang.errors import Reason
from inventory import platforms, service
from inventory.rows import EVERYTHING
from playbooks.commands import run_command

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
    opened = door()
    actor = opened.acting()
    wanted = [each.strip() for each in devices.split(",") if each.strip()]
    if devices == "all":
        with opened.read() as (session, who):
            rows = service.list_devices(session, who, EVERYTHING).items
        wanted = [row.name for row in rows if platforms.get(row.platform).drivers.napalm]
    say(f"asking {len(wanted)} devices …")
    groups = run_command(opened.app.db, opened.app.host_keys, actor, text, wanted)
    if wants_json():
        show_rows(groups)
    else:
        for group in groups:
            heading = f"{len(group.devices)}: {', '.join(group.devices)}"
            print(f"{heading}\n{group.output or f'({group.reason}) {group.message}'}\n")
    if any(group.reason is not Reason.OK for group in groups):
        raise typer.Exit(exits.FAILED)
