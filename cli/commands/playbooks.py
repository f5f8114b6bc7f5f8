"""Reviewed playbooks and their runs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cli import exits
from cli.command import noun, verb
from cli.commands.schedules import schedule
from cli.door import Door, door
from cli.options import (
    LimitOption,
    OffsetOption,
    PlanOption,
    SetOption,
    SortOption,
    assigned,
    several,
)
from cli.output import say, show, show_page, show_rows
from cli.wiring.jobs import JOB_MODULES
from hatang.clock import monotonic
from inventory.rows import Query
from playbooks import catalogue, collections, runs
from playbooks.catalogue import all_playbooks
from playbooks.choices import RunState

if TYPE_CHECKING:
    from playbooks.runs import RunRow

playbook: typer.Typer = noun("playbook", "Reviewed playbooks, run through Ansible.")
playbook.add_typer(schedule)
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
            "writes": found.writes,
            "reference": found.reference,
        }
        for name, found in sorted(all_playbooks().items())
    ]
    show_rows(rows, "name", "title", "platforms", "writes", "reference")


@verb(playbook, "run")
def run(
    name: str,
    *,
    devices: Annotated[str, typer.Option(help="Names with commas between.")],
    check: Annotated[bool, typer.Option("--check", help="Only say what would change.")] = False,
    set_: SetOption = None,
    wait: Annotated[int, typer.Option(help="Seconds to wait for the end; 0 does not.")] = 900,
) -> None:
    """Run a playbook, telling each event as it happens; exit status 1 when it failed.

    One that writes waits for a second person's approval, and then for `hatang playbook start`.

    Example: hatang playbook run server-time --devices srv-dns --set chrony_servers=10.1.0.5
    """
    opened = door()
    wanted = several(devices)
    with opened.write() as (session, actor):
        number = runs.request(
            session, actor, name, wanted, check_mode=check, parameters=assigned(set_ or [])
        )
    _asked(opened, number, wait)


@verb(playbook, "retry")
def retry(
    number: int,
    *,
    wait: Annotated[int, typer.Option(help="Seconds to wait for the end; 0 does not.")] = 900,
) -> None:
    """Ask for a run anew on the devices that are not done, the unknown ones among them.

    Example: hatang playbook retry 4 --as lan
    """
    opened = door()
    with opened.write() as (session, actor):
        again = runs.retry(session, actor, number)
    _asked(opened, again, wait)


@verb(playbook, "collections")
def collections_(
    from_: Annotated[
        Path | None, typer.Option("--from", help="The package ansible, as pip downloads it.")
    ] = None,
) -> None:
    """Show which collections of Ansible reach network devices, or unpack the pinned ones.

    Example: hatang playbook collections --from ansible-12.3.0-py3-none-any.whl
    """
    if from_ is not None:
        collections.unpack(from_)
    wanted, found = collections.pinned().collections, collections.found()
    rows = [
        {"collection": name, "wanted": version, "found": found[name]}
        for name, version in wanted.items()
    ]
    show_rows(rows, "collection", "wanted", "found")


def _asked(opened: Door, number: int, wait: int) -> None:
    with opened.read() as (session, actor):
        asked = runs.get_run(session, actor, number)
    if asked.state == RunState.AWAITING_APPROVAL:
        say(f"run {number} waits for a second person's approval")
        show(asked)
        return
    _tell(opened, number, wait)


@verb(playbook, "parameters")
def parameters(name: str) -> None:
    """Show what a playbook can be told: each parameter with its type and default.

    Example: hatang playbook parameters server-time
    """
    language = door().settings.language
    rows = [
        {
            "parameter": each,
            "type": f"list of {found.type}" if found.many else str(found.type),
            "required": found.required,
            "default": found.default,
            "description": getattr(found.description, language),
        }
        for each, found in catalogue.playbook(name).parameters.items()
    ]
    show_rows(rows, "parameter", "type", "required", "default", "description")


@verb(playbook, "approve")
def approve(
    number: int,
    *,
    plan_sha256: PlanOption,
    comment: Annotated[str, typer.Option(help="For the record.")] = "",
) -> None:
    """Approve exactly the run you have read; never your own.

    Example: hatang playbook approve 4 --plan 5f1c… --as hoa
    """
    _decide(number, plan_sha256, approve=True, comment=comment)


@verb(playbook, "reject")
def reject(
    number: int,
    *,
    plan_sha256: PlanOption,
    comment: Annotated[str, typer.Option(help="Why not.")] = "",
) -> None:
    """Reject a run.

    Example: hatang playbook reject 4 --plan 5f1c… --comment "not today" --as hoa
    """
    _decide(number, plan_sha256, approve=False, comment=comment)


def _decide(number: int, plan_sha256: str, *, approve: bool, comment: str) -> None:
    with door().write() as (session, actor):
        runs.decide(session, actor, number, plan_sha256, approve=approve, comment=comment)
    show({"run": number, "approved": approve})


@verb(playbook, "start")
def start(
    number: int,
    *,
    wait: Annotated[int, typer.Option(help="Seconds to wait for the end; 0 does not.")] = 900,
) -> None:
    """Start an approved run, telling each event as it happens; exit status 1 when it failed.

    Example: hatang playbook start 4 --as lan
    """
    opened = door()
    with opened.write() as (session, actor):
        runs.start(session, actor, number)
    _tell(opened, number, wait)


@verb(playbook, "cancel")
def cancel(number: int) -> None:
    """Cancel a run that nobody started.

    Example: hatang playbook cancel 4 --as lan
    """
    with door().write() as (session, actor):
        runs.cancel(session, actor, number)
    show({"run": number, "cancelled": True})


@verb(playbook, "runs")
def runs_(limit: LimitOption = 100, offset: OffsetOption = 0, sort: SortOption = "") -> None:
    """List runs, newest first.

    Example: hatang playbook runs --limit 20 --as lan
    """
    with door().read() as (session, actor):
        found = runs.list_runs(session, actor, Query({}, "", sort, limit, offset))
    show_page(found, "id", "playbook", "state", "requester", "approver", "created_at")


def _tell(opened: Door, number: int, wait: int) -> None:
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
