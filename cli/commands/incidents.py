"""What is wrong, and who took it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from alerts import service
from alerts.choices import IncidentState
from cli.command import noun, verb
from cli.door import door
from cli.output import say, show, show_parts, show_rows
from hatang.clock import now

if TYPE_CHECKING:
    from alerts.service.summary import Summary

incident: typer.Typer = noun("incident", "What is wrong, and why.")
OPEN = (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(incident)


@verb(incident, "list")
def list_(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Resolved ones too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
) -> None:
    """List incidents, newest first.

    Example: hatang incident list --all --as lan
    """
    states = tuple(IncidentState) if everything else OPEN
    with door().read() as (session, actor):
        page = service.list_incidents(session, actor, states=states, limit=limit)
    columns = ("id", "state", "severity", "alertname", "name", "site", "opened_at", "resolved_at")
    show_rows(page.incidents, *columns)


@verb(incident, "above")
def above() -> None:
    """List what above your reach cuts off something in it, and whom to call.

    Example: hatang incident above --as lan
    """
    with door().read() as (session, actor):
        found = service.causes_above(session, actor)
    columns = ("alertname", "name", "bad_since", "promised_at", "party", "hotline", "hit")
    show_rows(found, *columns)


@verb(incident, "show")
def show_(number: int) -> None:
    """Show an incident with its effects and timeline.

    Example: hatang incident show 7 --as lan
    """
    with door().read() as (session, actor):
        show(service.get_incident(session, actor, number))


@verb(incident, "timeline")
def timeline(
    number: int,
    *,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Measurements at most.")] = 500,
) -> None:
    """Show what was measured, done and changed around an incident, in one order of time.

    Example: hatang incident timeline 7 --as lan
    """
    with door().read() as (session, actor):
        found = service.incident_timeline(session, actor, number, limit=limit)
    show_rows(found.moments, "at", "lane", "kind", "element", "text")
    if found.left_out:
        say(f"{found.left_out} later measurements are left out; ask for more with --limit")


@verb(incident, "ack")
def acknowledge(
    number: int,
    *,
    note: Annotated[str, typer.Option(help="What you do about it.")] = "",
    hours: Annotated[float, typer.Option(min=0.1, max=168, help="How long you take it.")] = 8,
) -> None:
    """Take an incident: nobody is paged for it again until then.

    Example: hatang incident ack 7 --note "calling the carrier" --hours 4 --as lan
    """
    until = now() + timedelta(hours=hours)
    with door().write() as (session, actor):
        service.acknowledge(session, actor, number, note=note, ends_at=until)
    say(f"incident {number} is yours until {until.isoformat(timespec='minutes')}")


@verb(incident, "takeover")
def take_over(
    number: int,
    *,
    note: Annotated[str, typer.Option(help="Why you relieve that person.")] = "",
    hours: Annotated[float, typer.Option(min=0.1, max=168, help="How long you take it.")] = 8,
) -> None:
    """Take an incident from the person who works on it; the timeline names both.

    Example: hatang incident takeover 7 --note "An is on the road" --as lan
    """
    until = now() + timedelta(hours=hours)
    with door().write() as (session, actor):
        service.take_over(session, actor, number, note=note, ends_at=until)
    say(f"incident {number} is yours until {until.isoformat(timespec='minutes')}")


@verb(incident, "release")
def release(
    number: int,
    *,
    reason: Annotated[str, typer.Option(help="Why nobody works on it any more.")],
) -> None:
    """Give an incident back: nobody works on it, and people are paged again.

    Example: hatang incident release 7 --reason "called to another site" --as lan
    """
    with door().write() as (session, actor):
        service.release(session, actor, number, reason=reason)
    say(f"nobody works on incident {number} now")


@verb(incident, "call")
def call(number: int) -> None:
    """Show whom to call: lines with hotline and contract, the place, its power, people in charge.

    Example: hatang incident call 7 --as lan
    """
    with door().read() as (session, actor):
        detail = service.get_incident(session, actor, number)
        found = service.whom_to_call(session, actor, detail.incident, detail.effects)
        show(found)


@verb(incident, "ticket")
def ticket(
    number: int,
    party: Annotated[str, typer.Argument(help="Who gave it: the carrier, the power company.")],
    ticket_number: Annotated[str, typer.Argument(help="The number they gave.")],
    *,
    promised: Annotated[
        datetime | None, typer.Option(help="When they promise to be done, in local time.")
    ] = None,
    note: Annotated[str, typer.Option(help="What else they said.")] = "",
) -> None:
    """Write down a carrier's ticket and when it promises to be done; what was said before stays.

    Example: hatang incident ticket 7 VNPT SC-0142 --promised 2026-11-29T02:00 --as lan
    """
    said = service.TicketInput(party, ticket_number, promised and promised.astimezone(), note)
    with door().write() as (session, actor):
        show(service.record_ticket(session, actor, number, said))


@verb(incident, "handover")
def handover(
    *,
    to: Annotated[str, typer.Option(help="Who takes the shift; without it, only show.")] = "",
    note: Annotated[str, typer.Option(help="What the next person has to know.")] = "",
    since: Annotated[
        datetime | None, typer.Option(help="When the shift began, in local time.")
    ] = None,
    number: Annotated[int, typer.Option(help="Show one that was handed over.")] = 0,
) -> None:
    """Show what a shift leaves behind, and with --to hand it over with all you work on.

    Open incidents with owner and promises, what was done and ended, announced work. The page
    /handovers/NUMBER is the same for paper.

    Example: hatang incident handover --as lan

    Example: hatang incident handover --to binh --note "VNPT calls back at 02:00" --as lan
    """
    opened = door()
    begun = since and since.astimezone()
    if to:
        with opened.write() as (session, actor):
            done = service.hand_over(session, actor, receiver=to, note=note, since=begun)
            _show_summary(done.summary)
        say(f"the shift is {to}'s now; print /handovers/{done.id}")
        return
    with opened.read() as (session, actor):
        if number:
            _show_summary(service.get_handover(session, actor, number).summary)
        else:
            _show_summary(service.draft_handover(session, actor, begun))


def _show_summary(summary: Summary) -> None:
    show_parts(
        summary,
        open=("incident", "name", "alertname", "bad_since", "owner", "note", "promises"),
        over=("incident", "name", "alertname", "bad_since", "resolved_at"),
        done=("at", "incident", "name", "kind", "actor", "note"),
        work=("maintenance", "reason", "starts_at", "ends_at", "is_running", "elements"),
    )


@verb(incident, "close")
def close(
    number: int,
    *,
    reason: Annotated[str, typer.Option(help="How you know that it is over.")],
) -> None:
    """End an incident that no measurement will end; one that is measured bad stays open.

    Example: hatang incident close 7 --reason "the device was taken away" --as lan
    """
    with door().write() as (session, actor):
        service.close(session, actor, number, reason=reason)
    say(f"incident {number} is closed; people are told that it is over")
