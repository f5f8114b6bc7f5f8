"""Runs of playbooks that come again: approved once, started each time by themselves."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from cli.command import noun, verb
from cli.door import door
from cli.options import (
    LimitOption,
    OffsetOption,
    PlanOption,
    SetOption,
    SortOption,
    assigned,
    several,
)
from cli.output import show, show_page, show_parts
from cli.recurring import (
    BeginOption,
    FirstOption,
    MonthdayOption,
    UntilOption,
    WeekOption,
    hour,
    weekdays,
)
from hatang.calendar.recurrence import Frequency, Rule
from hatang.clock import now
from inventory.rows import Query
from playbooks import schedules
from playbooks.changes.selecting import Selection

schedule: typer.Typer = noun("schedule", "Runs that come again, approved once for all of them.")
Names = Annotated[str, typer.Option(help="Names with commas between.")]
Reason = Annotated[str, typer.Option(help="Why.")]
EACH_DAY = tuple(range(7))


@verb(schedule, "add")
def add(  # noqa: PLR0913 - what, on which devices, and the parts of a rule
    name: Annotated[str, typer.Argument(help="A playbook that hatang playbook list shows.")],
    *,
    reason: Annotated[str, typer.Option(help="What it is for; the approver reads it.")],
    begin: BeginOption,
    until: UntilOption,
    devices: Names = "",
    site: Names = "",
    unit: Names = "",
    role: Names = "",
    platform: Names = "",
    minutes: Annotated[
        int, typer.Option(min=1, max=1_440, help="How long its window is: it begins within.")
    ] = 60,
    first: FirstOption = None,
    on: Annotated[
        list[str] | None, typer.Option("--on", help="mon … sun; may repeat; each day without.")
    ] = None,
    monthday: MonthdayOption = None,
    week: WeekOption = None,
    timezone: Annotated[str, typer.Option(help="Of the hour; the settings' if not given.")] = "",
    check: Annotated[bool, typer.Option("--check", help="Only say what would change.")] = False,
    set_: SetOption = None,
) -> None:
    """Propose runs that come again; another person approves them once, all that is given here.

    Devices are looked up at each time anew: those named, and those that match every other option.

    Example: hatang playbook schedule add server-updates --platform linux --at 02:00 --on sun
    --until 2027-06-30 --reason "weekly updates" --as lan

    Example: hatang playbook schedule add server-time --devices srv-dns --at 03:00 --monthday 1
    --until 2027-06-30 --set chrony_servers=10.1.0.5 --check --reason "does it drift" --as lan
    """
    opened = door()
    zone = timezone or opened.settings.timezone
    today = first or now().astimezone(ZoneInfo(opened.settings.timezone))
    days = EACH_DAY if not on and monthday is None and week is None else weekdays(on or [])
    draft = schedules.ScheduleDraft(
        playbook=name,
        targets=Selection(*map(_names, (devices, site, unit, role, platform))),
        rule=Rule(
            Frequency.WEEKLY if monthday is None and week is None else Frequency.MONTHLY,
            hour(begin),
            minutes,
            today.date(),
            until.date(),
            *(days, monthday, week),
        ),
        timezone=zone,
        reason=reason,
        parameters=assigned(set_ or []),
        is_check_mode=check,
    )
    with opened.write() as (session, actor):
        number = schedules.propose(session, actor, draft)
        found = schedules.get_schedule(session, actor, number)
    show(found)


def _names(text: str) -> tuple[str, ...]:
    return tuple(several(text))


@verb(schedule, "list")
def list_(limit: LimitOption = 100, offset: OffsetOption = 0, sort: SortOption = "") -> None:
    """List schedules, newest first, with their next time and what became of the last.

    Example: hatang playbook schedule list --as lan
    """
    with door().read() as (session, actor):
        found = schedules.list_schedules(session, actor, Query({}, "", sort, limit, offset))
    show_page(found, "id", "playbook", "state", "state_reason", "next_at", "requester", "approver")


@verb(schedule, "show")
def show_(number: int, limit: LimitOption = 100) -> None:
    """Show a schedule with what became of its times, the latest first.

    Example: hatang playbook schedule show 2 --as hoa
    """
    with door().read() as (session, actor):
        found = schedules.get_schedule(session, actor, number)
        times = schedules.list_occurrences(session, actor, number, Query(limit=limit))
    columns = ("occurs_at", "state", "reason", "run_id", "run_state")
    show_parts({"schedule": found, "times": times.items}, times=columns)


@verb(schedule, "approve")
def approve(
    number: int,
    *,
    plan_sha256: PlanOption,
    comment: Annotated[str, typer.Option(help="For the record.")] = "",
) -> None:
    """Approve exactly the schedule you have read, for all of its times; never your own.

    Example: hatang playbook schedule approve 2 --plan 5f1c… --comment "as agreed" --as hoa
    """
    _decide(number, plan_sha256, approve=True, comment=comment)


@verb(schedule, "reject")
def reject(
    number: int,
    *,
    plan_sha256: PlanOption,
    comment: Annotated[str, typer.Option(help="Why not.")] = "",
) -> None:
    """Reject a schedule; it has ended then.

    Example: hatang playbook schedule reject 2 --plan 5f1c… --comment "too often" --as hoa
    """
    _decide(number, plan_sha256, approve=False, comment=comment)


def _decide(number: int, plan_sha256: str, *, approve: bool, comment: str) -> None:
    with door().write() as (session, actor):
        schedules.decide(session, actor, number, plan_sha256, approve=approve, comment=comment)
    show({"schedule": number, "approved": approve})


@verb(schedule, "pause")
def pause(number: int, *, reason: Reason) -> None:
    """Let it start nothing until it is resumed; a run under way goes on.

    Example: hatang playbook schedule pause 2 --reason "inspection this week" --as lan
    """
    with door().write() as (session, actor):
        schedules.pause(session, actor, number, reason)
    show({"schedule": number, "state": "paused"})


@verb(schedule, "resume")
def resume(number: int) -> None:
    """Let a paused one go on; where its approval is void, approval is asked for anew, by you.

    Example: hatang playbook schedule resume 2 --as lan
    """
    with door().write() as (session, actor):
        state = schedules.resume(session, actor, number)
    show({"schedule": number, "state": state})


@verb(schedule, "end")
def end(number: int, *, reason: Reason) -> None:
    """End it for good; a run under way goes on.

    Example: hatang playbook schedule end 2 --reason "the server is gone" --as lan
    """
    with door().write() as (session, actor):
        schedules.end(session, actor, number, reason)
    show({"schedule": number, "state": "ended"})
