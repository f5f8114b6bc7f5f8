"""Looking for what is really there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import noun, verb
from cli.door import door
from cli.output import say, show, show_rows
from hatang.errors import NotFoundError
from inventory.discovery import onboarding, saying, service
from inventory.discovery.order import Order, limits_of
from inventory.discovery.reach import NetworkTransports
from inventory.discovery.service import Watch

if TYPE_CHECKING:
    from inventory.discovery.service import Outcome
    from inventory.discovery.sweep import Found

discovery: typer.Typer = noun("discovery", "Devices and cables, found by asking.")
_SAID_EVERY = 20

Many = list[str]


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(discovery)


@verb(discovery, "run")
def run(
    *,
    seed: Annotated[Many | None, typer.Option(help="An address to begin at; repeat it.")] = None,
    prefix: Annotated[Many | None, typer.Option(help="Every address of it; repeat it.")] = None,
    within: Annotated[
        Many | None, typer.Option(help="Ask nothing outside; else the prefixes, or private ones.")
    ] = None,
    credential: Annotated[
        Many | None,
        typer.Option(help="An SNMP credential, tried after those of the place; repeat it."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show, and keep nothing.")] = False,
    limit: Annotated[
        Many | None, typer.Option(help="addresses=, devices=, depth=, per_second=; repeat it.")
    ] = None,
) -> None:
    """Ask addresses and their neighbours, and put what differs into the inbox.

    Example: hatang discovery run --seed 10.250.0.1 --within 10.250.0.0/16 --as lan
    """
    opened = door()
    order = Order(
        seeds=tuple(seed or ()),
        prefixes=tuple(prefix or ()),
        within=tuple(within or ()),
        credentials=tuple(credential or ()),
        limits=limits_of(limit or ()),
    )
    is_lab, transports = opened.settings.lab, NetworkTransports()
    if dry_run:
        watch, actor = Watch(_told), opened.acting()
        outcome = service.try_out(
            opened.app.db, actor, order, transports, is_lab=is_lab, watch=watch
        )
    else:
        with opened.write() as (session, actor):
            run_id = service.begin(session, actor, order, is_lab=is_lab)
        db = opened.app.db
        say(f"run {run_id}")
        watch = Watch(_told, lambda: service.is_stopped(db, run_id))
        outcome = service.carry_out(db, run_id, transports, is_lab=is_lab, watch=watch)
    _show(outcome)


def _told(found: Found) -> None:
    if len(found.devices) % _SAID_EVERY == 0 and found.devices:
        say(f"{len(found.devices)} devices, {found.asked} addresses asked")


def _show(outcome: Outcome) -> None:
    found = outcome.found
    show(
        {
            "asked": found.asked,
            "answered": found.answered,
            "devices": len(found.devices),
            "cut_by_a_limit": found.is_cut,
            "differences": dict(Counter(one.kind.value for one in outcome.proposals)),
            "opened": outcome.opened,
            "closed": outcome.closed,
            "failures": [
                {"address": one.address, "reason": one.reason, "next_step": one.next_step}
                for one in found.failures
            ],
        }
    )


@verb(discovery, "read")
def read(device: str) -> None:
    """Read one device over SSH by its command line; what differs comes into the inbox.

    Example: hatang discovery read dc-sw-1 --as lan
    """
    opened = door()
    facts = onboarding.read_device(opened.app.db, opened.acting(), device, opened.app.host_keys)
    show(
        {
            "name": facts.name,
            "version": facts.version,
            "model": facts.model,
            "serial": facts.serial,
            "ports": len(facts.ports),
            "neighbours": [f"{one.port}: {one.name} {one.port_id}" for one in facts.neighbours],
            "gaps": list(facts.gaps),
        }
    )


@verb(discovery, "recognise")
def recognise(
    file: Annotated[Path, typer.Argument(help="Lines of JSON with sysObjectID and sysDescr.")],
) -> None:
    """Say which platform devices would be taken for by what they say; asks and keeps nothing.

    Example: hatang discovery recognise said.jsonl --as lan
    """
    if not file.is_file():
        raise NotFoundError(f"there is no {file}")
    found = saying.recognise_lines(file.read_text("utf-8", errors="replace"), file.name)
    show_rows(found, "line", "platform")


@verb(discovery, "show")
def show_(
    number: Annotated[int | None, typer.Argument(help="One run; else the latest ones.")] = None,
) -> None:
    """Show the latest runs, or one with each failure and its next step.

    Example: hatang discovery show 3 --as lan
    """
    with door().read() as (session, actor):
        if number is None:
            rows = service.list_runs(session, actor)
            columns = ("id", "requester", "state", "started_at", "asked", "devices", "failed")
            show_rows(rows, *columns, "proposed")
            return
        show(service.get_run(session, actor, number))


@verb(discovery, "stop")
def stop(number: int) -> None:
    """End a run where it is; what it read so far counts.

    Example: hatang discovery stop 3 --as lan
    """
    with door().write() as (session, actor):
        service.stop(session, actor, number)


@verb(discovery, "forget")
def forget(address: str) -> None:
    """Let credentials that were refused at an address be tried there again.

    Example: hatang discovery forget 10.250.11.5 --as lan
    """
    with door().write() as (session, actor):
        count = service.forget(session, actor, address)
    say(f"{count} credentials may be tried again")
