"""Units: who they are, were and follow; and reorganisations."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import noun, verb
from cli.door import door
from cli.output import say, show, show_rows, wants_json
from hatang.errors import InvalidInputError, NotFoundError, Problem
from inventory import yamlfile
from inventory.jobs import today
from inventory.reorganisation.showing import described
from inventory.service import reorganising

if TYPE_CHECKING:
    from typing import Any

    from inventory.reorganisation.plan import ReorganisationPlan

unit: typer.Typer = noun("unit", "Organisations, and how they are reorganised.")
reorganise: typer.Typer = noun("reorganise", "Units merged, split, moved, renamed as of a day.")
unit.add_typer(reorganise)

FileArgument = Annotated[Path, typer.Argument(help="The reorganisation, YAML version 1.")]
PlanOption = Annotated[str, typer.Option("--plan", help="The hash of the plan you have read.")]
CommentOption = Annotated[str, typer.Option(help="For the record.")]
DayOption = Annotated[
    datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="The day; else today.")
]


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(unit)


@verb(unit, "list")
def list_units(*, as_of: DayOption = None) -> None:
    """List the units of a day, called and hung as they were then.

    Example: hatang unit list --as-of 2025-06-30 --as lan
    """
    with door().read() as (session, actor):
        on = today(door().settings) if as_of is None else as_of.date()
        rows = reorganising.units_as_of(session, actor, on)
    show_rows(rows, "code", "name", "kind", "parent", "valid_from", "valid_to")


@verb(unit, "find")
def find(text: str) -> None:
    """Find units by a code or part of a name, former ones too, and say who follows them.

    Example: hatang unit find "dong ba" --as lan
    """
    with door().read() as (session, actor):
        found = reorganising.find_units(session, actor, text)
    rows = [
        {
            "code": one.unit.code,
            "name": one.unit.name,
            "valid_to": one.unit.valid_to,
            "former": [former.code for former in one.former],
            "successors": [successor.code for successor in one.successors],
            "predecessors": [predecessor.code for predecessor in one.predecessors],
        }
        for one in found
    ]
    show_rows(rows, "code", "name", "valid_to", "former", "successors", "predecessors")


@verb(reorganise, "plan")
def plan(file: FileArgument) -> None:
    """Show what a file would do on its day; nothing is changed.

    Example: hatang unit reorganise plan merge.yaml --as lan
    """
    text = _text(file)
    with door().read() as (session, actor):
        found = reorganising.plan_reorganisation(session, actor, text, file.name)
    _show_plan(found, {})


@verb(reorganise, "submit")
def submit(
    file: FileArgument,
    *,
    reason: Annotated[str, typer.Option(help="Why, for who approves.")],
    sha256: Annotated[
        str, typer.Option("--plan", help="Only if the plan is the one with this hash.")
    ] = "",
) -> None:
    """Put a reorganisation up for approval by another person.

    Example: hatang unit reorganise submit merge.yaml --reason "Nghị quyết 1675" --as lan
    """
    text = _text(file)
    with door().write() as (session, actor):
        found = reorganising.plan_reorganisation(session, actor, text, file.name)
        if sha256 and found.sha256 != sha256:
            fix = "Plan it again and read what changed."
            problem = Problem(file.name, "plan", sha256, "is not the plan of this file now", fix)
            raise InvalidInputError([problem])
        number = reorganising.file_reorganisation(session, actor, text, file.name, reason=reason)
    show({"reorganisation": number, "sha256": found.sha256, **found.counts()})


@verb(reorganise, "list")
def list_reorganisations() -> None:
    """List reorganisations, latest day first.

    Example: hatang unit reorganise list --as lan
    """
    with door().read() as (session, actor):
        rows = reorganising.list_reorganisations(session, actor)
    show_rows(rows, "id", "title", "effective_on", "state", "approval", "requested_by")


@verb(reorganise, "show")
def show_reorganisation(number: int) -> None:
    """Show one, with what it would do as things stand now.

    Example: hatang unit reorganise show 3 --as hoa
    """
    with door().read() as (session, actor):
        found = reorganising.get_reorganisation(session, actor, number)
    head = {
        "id": found.id,
        "title": found.title,
        "effective_on": found.effective_on,
        "filed_sha256": found.sha256,
        "state": found.state,
        "approval": found.approval,
        "requested_by": found.requested_by,
        "reason": found.reason,
        "is_stale": found.is_stale,
    }
    if found.plan is None:
        show(head)
    else:
        _show_plan(found.plan, head)


@verb(reorganise, "approve")
def approve(number: int, *, plan_sha256: PlanOption, comment: CommentOption = "") -> None:
    """Approve exactly the plan you have read; never your own.

    Example: hatang unit reorganise approve 3 --plan 5f1c… --as hoa
    """
    _decide(number, plan_sha256, comment, approve=True)


@verb(reorganise, "reject")
def reject(number: int, *, plan_sha256: PlanOption, comment: CommentOption = "") -> None:
    """Reject a reorganisation.

    Example: hatang unit reorganise reject 3 --plan 5f1c… --comment "not this way" --as hoa
    """
    _decide(number, plan_sha256, comment, approve=False)


def _decide(number: int, sha256: str, comment: str, *, approve: bool) -> None:
    with door().write() as (session, actor):
        reorganising.decide_reorganisation(
            session, actor, number, sha256, approve=approve, comment=comment
        )
    show({"reorganisation": number, "approved": approve})


@verb(reorganise, "withdraw")
def withdraw(number: int) -> None:
    """Take back what is not applied.

    Example: hatang unit reorganise withdraw 3 --as lan
    """
    with door().write() as (session, actor):
        reorganising.withdraw_reorganisation(session, actor, number)
    show({"reorganisation": number, "state": reorganising.WITHDRAWN})


@verb(reorganise, "apply")
def apply(number: int) -> None:
    """Do what was approved, all or nothing; what is for a later day applies itself then.

    Example: hatang unit reorganise apply 3 --as lan
    """
    with door().write() as (session, actor):
        reorganising.apply_reorganisation(session, actor, number, today(door().settings))
    show({"reorganisation": number, "state": reorganising.APPLIED})


def _text(file: Path) -> str:
    if not file.is_file():
        raise NotFoundError(f"there is no file {file}")
    if file.stat().st_size > yamlfile.MAX_BYTES:
        raise InvalidInputError([Problem(file.name, "file", "", "is too large", "Split it.")])
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem(file.name, "file", "", "is no UTF-8 text", "Save it as UTF-8.")
        raise InvalidInputError([problem]) from error


def _show_plan(found: ReorganisationPlan, head: dict[str, Any]) -> None:
    plain = described(found)
    if wants_json():
        show(head | plain)
        return
    if head:
        show(head)
    show_rows(plain["units"], "does", "code", "fields")
    show_rows(plain["transfers"], "kind", "key", "before", "after")
    if plain["roles"]:
        say("who sees what afterwards:")
        show_rows(plain["roles"], "person", "role", "before", "after", "gained", "lost")
    show({name: plain[name] for name in ("effective_on", "sha256")} | plain["counts"])
