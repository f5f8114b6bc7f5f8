"""Reviewed playbooks and their runs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cli import exits
from cli.command import noun, verb
from cli.door import Door, door
from cli.output import say, show, show_rows
from cli.wiring.jobs import JOB_MODULES
from hatang.clock import monotonic
from playbooks import runs
from playbooks.catalogue import all_playbooks
from playbooks.choices import RunState

if TYPE_CHECKING:
    from playbooks.runs import RunRow

playbook: typer.Typer = noun("playbook", "Reviewed playbooks, run through Ansible.")
ENDED: Final = (RunState.SUCCESSFUL, RunState.FAILED, RunState.CANCELLED)
POLL_SECONDS: Final = 0.5


__all__ = ["JOB_MODULES", "register"]


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(playbook)


@verb(playbook, "list")
def list_() -> None:
    """List the playbooks that may be run.

    Example: hatang playbook list
    """
    language = door().settings.language
    rows = [
        {
            "name": name,
            "title": getattr(found.title, language),
            "platforms": list(found.platforms),
            "changes": found.changes,
            "reference": found.reference,
        }
        for name, found in sorted(all_playbooks().items())
    ]
    show_rows(rows, "name", "title", "platforms", "changes", "reference")


@verb(playbook, "run")
def run(
    name: str,
    *,
    devices: Annotated[str, typer.Option(help="Names with commas between.")],
    check: Annotated[bool, typer.Option("--check", help="Only say what would change.")] = False,
    wait: Annotated[int, typer.Option(help="Seconds to wait for the end; 0 does not.")] = 900,
) -> None:
    """Run a playbook, telling each event as it happens; exit status 1 when it failed.

    Example: hatang playbook run login-banner --devices srv-dns,srv-mail --check --as lan
    """
    opened = door()
    wanted = [each.strip() for each in devices.split(",") if each.strip()]
    with opened.write() as (session, actor):
        number = runs.request(session, actor, name, wanted, check_mode=check)
    say(f"run {number} is queued")
    found = _follow(opened, number, wait)
    show(found)
    if wait and found.state != RunState.SUCCESSFUL:
        raise typer.Exit(exits.FAILED)


def _follow(opened: Door, number: int, wait: int) -> RunRow:
    deadline, last = monotonic() + wait, 0
    while True:
        with opened.read() as (session, actor):
            found = runs.get_run(session, actor, number)
            news = runs.list_events(session, actor, number, last)
        for event in news:
            say(f"{event.at:%H:%M:%S} {event.kind} {event.device} {event.task}".rstrip())
            last = event.sequence
        if found.state in ENDED or monotonic() >= deadline:
            return found
        time.sleep(POLL_SECONDS)


@verb(playbook, "show")
def show_(number: int) -> None:
    """Show a run with all its events.

    Example: hatang playbook show 4 --as lan
    """
    with door().read() as (session, actor):
        found = runs.get_run(session, actor, number)
        events = runs.list_events(session, actor, number)
    show({"run": found, "events": events})
