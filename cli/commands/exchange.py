"""The inventory of other tools: into Ansible's, and from a NetBox's or Ansible's."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from cli.command import verb
from cli.door import door
from cli.output import show_text
from inventory.exports import ansible

exchange: typer.Typer = typer.Typer()


@verb(exchange, "ansible")
def ansible_(
    *,
    everything: Annotated[
        bool, typer.Option("--list", help="All devices with their groups; the default.")
    ] = False,
    host: Annotated[str, typer.Option("--host", help="The variables of this device only.")] = "",
) -> None:
    """Print the devices as an Ansible inventory script does.

    Example: hatang inventory ansible --list --as lan
    """
    if everything and host:
        raise typer.BadParameter("give --list or --host")
    with door().read() as (session, actor):
        found = (
            ansible.ansible_host(session, actor, host)
            if host
            else ansible.ansible_inventory(session, actor)
        )
    show_text(json.dumps(found, ensure_ascii=False, indent=1))
