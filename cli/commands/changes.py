"""Change sets: from a text to devices that undo themselves unless it works."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import exits
from cli.command import noun, verb
from cli.door import door
from cli.options import LimitOption, OffsetOption, PlanOption, SortOption
from cli.output import say, show, show_page, show_rows, wants_json
from cli.waiting import until_ended
from cli.wiring.jobs import JOB_MODULES
from hatang.errors import InvalidInputError, Problem
from inventory.rows import Query
from playbooks import changes
from playbooks.changes import Draft
from playbooks.changes.planning import DEFAULT_REVERT_SECONDS
from playbooks.choices import ChangeState

if TYPE_CHECKING:
    from collections.abc import Mapping

change: typer.Typer = noun("change", "Changes to devices.")


__all__ = ["JOB_MODULES", "register"]


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(change)


@verb(change, "create")
def create(
    title: str,
    *,
    text: Annotated[
        list[str], typer.Option(help="DEVICE[,DEVICE…]=FILE; may be given several times.")
    ],
    reason: Annotated[str, typer.Option(help="Why, for who approves.")] = "",
    revert_seconds: Annotated[
        int, typer.Option(help="After this a device undoes what was not confirmed.")
    ] = DEFAULT_REVERT_SECONDS,
) -> None:
    """Write a change set down: which text goes to which devices.

    Example: hatang change create "NTP" --text hub-1,hub-2=ntp.conf --as lan
    """
    draft = Draft(title, reason, _texts(text), revert_seconds)
    with door().write() as (session, actor):
        number = changes.create(session, actor, draft)
    show({"change": number})


def _texts(given: list[str]) -> Mapping[str, str]:
    texts: dict[str, str] = {}
    problems = []
    for each in given:
        names, mark, file = each.partition("=")
        try:
            content = Path(file).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            fix = "Write it as DEVICE=FILE with a readable text file."
            message = "names no readable file" if mark else "has no = between device and file"
            problems.append(Problem("change", "text", each[:80], message, fix))
            continue
        texts |= {name.strip(): content for name in names.split(",") if name.strip()}
    if problems:
        raise InvalidInputError(problems)
    return texts


@verb(change, "plan")
def plan(number: int) -> None:
    """Let every device compute what would change, and show it.

    Example: hatang change plan 3 --as lan
    """
    opened = door()
    actor = opened.acting()
    say("asking the devices what would change …")
    changes.plan(opened.app.db, opened.app.host_keys, actor, number)
    _show(number)


@verb(change, "submit")
def submit(number: int) -> None:
    """Ask for approval of the plan as it stands.

    Example: hatang change submit 3 --as lan
    """
    with door().write() as (session, actor):
        approval = changes.submit(session, actor, number)
    show({"change": number, "approval": approval})


@verb(change, "approve")
def approve(
    number: int,
    *,
    plan_sha256: PlanOption,
    comment: Annotated[str, typer.Option(help="For the record.")] = "",
) -> None:
    """Approve exactly the plan you have read; never your own.

    Example: hatang change approve 3 --plan 5f1c… --as hoa
    """
    _decide(number, plan_sha256, approve=True, comment=comment)


@verb(change, "reject")
def reject(
    number: int,
    *,
    plan_sha256: PlanOption,
    comment: Annotated[str, typer.Option(help="Why not.")] = "",
) -> None:
    """Reject a plan.

    Example: hatang change reject 3 --plan 5f1c… --comment "not today" --as hoa
    """
    _decide(number, plan_sha256, approve=False, comment=comment)


def _decide(number: int, plan_sha256: str, *, approve: bool, comment: str) -> None:
    with door().write() as (session, actor):
        changes.decide(session, actor, number, plan_sha256, approve=approve, comment=comment)
    show({"change": number, "approved": approve})


@verb(change, "execute")
def execute(
    number: int,
    *,
    wait: Annotated[int, typer.Option(help="Seconds to wait for the end; 0 does not.")] = 900,
) -> None:
    """Push an approved change; exit status 1 when it did not end well.

    Example: hatang change execute 3 --as lan
    """
    opened = door()
    with opened.write() as (session, actor):
        keys = changes.execute(session, actor, number)
    if not wait:
        show({"change": number, "jobs": keys})
        return
    until_ended(opened.app.db, keys, wait)
    if _show(number) != ChangeState.DONE:
        raise typer.Exit(exits.FAILED)


@verb(change, "cancel")
def cancel(number: int) -> None:
    """Cancel what has not begun; a device that is being pushed goes on to its end.

    Example: hatang change cancel 3 --as lan
    """
    with door().write() as (session, actor):
        keys = changes.cancel(session, actor, number)
    show({"change": number, "cancelled_jobs": keys})


@verb(change, "show")
def show_(number: int) -> None:
    """Show a change set with what each device computed and what became of it.

    Example: hatang change show 3 --as lan
    """
    _show(number)


def _show(number: int) -> str:
    with door().read() as (session, actor):
        found = changes.get_change(session, actor, number)
    if wants_json():
        show(found)
        return found.change.state
    show(found.change)
    show_rows(found.targets, "device", "state", "safety", "reason", "detail")
    for group in found.groups:
        print(f"\n{', '.join(group.devices)}, lines to configure:\n{group.rendered}")
        if group.diff:
            print(f"difference as the devices computed it:\n{group.diff}")
    return found.change.state


@verb(change, "doubts")
def doubts(limit: LimitOption = 100, offset: OffsetOption = 0, sort: SortOption = "") -> None:
    """List devices of which no push can say what they hold now: a person must look.

    Example: hatang change doubts --as lan
    """
    with door().read() as (session, actor):
        found = changes.list_doubts(session, actor, Query({}, "", sort, limit, offset))
    show_page(found, "change", "device", "state", "detail", "finished_at")


@verb(change, "list")
def list_(limit: LimitOption = 100, offset: OffsetOption = 0, sort: SortOption = "") -> None:
    """List change sets, newest first.

    Example: hatang change list --sort=-created_at --as lan
    """
    with door().read() as (session, actor):
        found = changes.list_changes(session, actor, Query({}, "", sort, limit, offset))
    show_page(found, "id", "title", "state", "requester", "approver", "targets", "created_at")
