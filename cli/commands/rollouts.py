"""What a person does to a change beside asking and approving: intervene, prove, keep off."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from cli import exits
from cli.command import noun, verb
from cli.door import door
from cli.options import PlanOption
from cli.output import say, show, show_rows
from hatang import clock
from hatang.errors import InvalidInputError, Problem
from playbooks import changes
from playbooks.changes import evidence

change: typer.Typer = noun("change", "Changes to devices.")


@verb(change, "pause")
def pause(number: int) -> None:
    """Let no further device begin; those under way go on to their end.

    Example: hatang change pause 3 --as lan
    """
    with door().write() as (session, actor):
        changes.pause(session, actor, number)
    show({"change": number, "paused": True})


@verb(change, "resume")
def resume(number: int) -> None:
    """Let a paused change go on.

    Example: hatang change resume 3 --as lan
    """
    with door().write() as (session, actor):
        keys = changes.resume(session, actor, number)
    show({"change": number, "jobs": keys})


@verb(change, "retry")
def retry(number: int) -> None:
    """Try again, under the same approval, what failed and certainly holds its old configuration.

    Example: hatang change retry 3 --as lan
    """
    with door().write() as (session, actor):
        keys = changes.retry(session, actor, number)
    show({"change": number, "jobs": keys})


@verb(change, "rollback")
def rollback(number: int) -> None:
    """Give every device that holds the change its old configuration back, the last wave first.

    What somebody changed on a device since is not touched.

    Example: hatang change rollback 3 --as lan
    """
    with door().write() as (session, actor):
        keys = changes.roll_back(session, actor, number)
    show({"change": number, "jobs": keys})


@verb(change, "break-glass")
def break_glass(
    number: int,
    *,
    plan_sha256: PlanOption,
    reason: Annotated[str, typer.Option(help="Why nobody could be asked.")],
) -> None:
    """Approve a plan without a second person; it stays listed until one has reviewed it.

    Example: hatang change break-glass 3 --plan 5f1c… --reason "the hospital is cut off" --as lan
    """
    with door().write() as (session, actor):
        changes.break_glass(session, actor, number, plan_sha256, reason)
    show({"change": number, "approved": True, "to_be_reviewed": True})


@verb(change, "review")
def review(
    number: int, *, text: Annotated[str, typer.Option(help="What you think of it.")]
) -> None:
    """Review a change that went ahead without a second person.

    Example: hatang change review 3 --text "right, the cable was cut" --as hoa
    """
    with door().write() as (session, actor):
        changes.review(session, actor, number, text)
    show({"change": number, "reviewed": True})


@verb(change, "unreviewed")
def unreviewed() -> None:
    """List changes that went ahead without a second person and wait for a review.

    Example: hatang change unreviewed --as hoa
    """
    with door().read() as (session, actor):
        rows = changes.list_unreviewed(session, actor)
    show_rows(rows, "id", "title", "state", "requester", "created_at")


@verb(change, "lines")
def lines(
    number: int, *, after: Annotated[int, typer.Option(min=0, help="Behind this line.")] = 0
) -> None:
    """Tell what happened to a change, line by line.

    Example: hatang change lines 3 --as lan
    """
    with door().read() as (session, actor):
        rows = changes.list_lines(session, actor, number, after)
    show_rows(rows, "at", "kind", "device", "text")


@verb(change, "export")
def export(
    number: int, *, out: Annotated[Path, typer.Option("--out", help="Write this ZIP file.")]
) -> None:
    """Write the signed evidence of a change: plan, approvals, measurements, what became of it.

    Example: hatang change export 3 --out change-3.zip --as lan
    """
    opened = door()
    data = changes.bundle(opened.app.db, opened.acting(), number)
    out.write_bytes(data)
    show({"change": number, "file": str(out), "bytes": len(data)})


@verb(change, "verify")
def verify(file: Path) -> None:
    """Check that an evidence bundle is whole and was signed here; exit status 1 otherwise.

    Example: hatang change verify change-3.zip --as hoa
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        fix = "Name a readable file."
        problem = Problem("evidence", "file", str(file)[:80], "cannot be read", fix)
        raise InvalidInputError([problem]) from error
    with door().read() as (session, _actor):
        checked = changes.verify_bundle(data, evidence.public_key(session))
    show(checked)
    if checked.faults:
        raise typer.Exit(exits.FAILED)


@verb(change, "freeze")
def freeze(
    element: Annotated[str, typer.Argument(help="unit:CODE, site:SLUG or device:NAME.")],
    *,
    reason: Annotated[str, typer.Option(help="Why nothing may be changed.")],
    until: Annotated[datetime, typer.Option(help="In local time.")],
    begin: Annotated[datetime | None, typer.Option("--from", help="Now if not given.")] = None,
) -> None:
    """Let nothing be changed at a unit, site or device for a time.

    Example: hatang change freeze unit:xa-01 --until 2026-12-01 --reason "election" --as lan
    """
    times = (begin.astimezone() if begin else clock.now(), until.astimezone())
    with door().write() as (session, actor):
        number = changes.freeze(session, actor, element, times, reason)
    show({"freeze": number})


@verb(change, "thaw")
def thaw(number: int) -> None:
    """End a freeze now.

    Example: hatang change thaw 2 --as lan
    """
    with door().write() as (session, actor):
        changes.thaw(session, actor, number)
    show({"freeze": number, "ended": True})


@verb(change, "freezes")
def freezes() -> None:
    """List the times in which nothing is changed somewhere.

    Example: hatang change freezes --as lan
    """
    with door().read() as (session, actor):
        rows = changes.list_freezes(session, actor)
    show_rows(rows, "id", "name", "starts_at", "ends_at", "reason")


@verb(change, "define")
def define(
    name: str,
    description: Annotated[str, typer.Argument(help="What it does, for who approves.")],
    *,
    template: Annotated[Path, typer.Option(help="The Jinja2 file.")],
    ranges: Annotated[Path, typer.Option(help="JSON: what may stand for each parameter.")],
    platform: Annotated[list[str], typer.Option(help="For which it is written.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="After these it expires.")] = 180,
) -> None:
    """Write a standard change down and ask for its approval, once.

    Example: hatang change define port "A port" --template p.j2 --ranges p.json --platform frr
    """
    try:
        text, parameters = template.read_text("utf-8"), json.loads(ranges.read_text("utf-8"))
    except (OSError, ValueError) as error:
        problem = Problem("standard change", "file", str(error)[:80], "cannot be read", "Mend it.")
        raise InvalidInputError([problem]) from error
    if not isinstance(parameters, dict) or not all(map(_is_object, parameters.values())):
        problem = Problem("standard change", "ranges", "", "is no object of objects", "Mend it.")
        raise InvalidInputError([problem])
    draft = changes.StandardDraft(
        name, description, text, parameters, platform, clock.now() + timedelta(days=days)
    )
    with door().write() as (session, actor):
        number = changes.define(session, actor, draft)
    show({"standard_change": number})


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


@verb(change, "standards")
def standards() -> None:
    """List standard changes with what may be filled in.

    Example: hatang change standards --as lan
    """
    with door().read() as (session, actor):
        rows = changes.list_standards(session, actor)
    show_rows(rows, "name", "state", "description", "parameters", "sha256", "expires_at")


@verb(change, "approve-standard")
def approve_standard(
    name: str,
    *,
    sha256: Annotated[str, typer.Option(help="The hash of what you have read.")],
    reject: Annotated[bool, typer.Option("--reject", help="Reject it instead.")] = False,
) -> None:
    """Approve a standard change as it was read; never your own.

    Example: hatang change approve-standard port --sha256 5f1c… --as hoa
    """
    with door().write() as (session, actor):
        changes.decide_standard(session, actor, name, sha256, approve=not reject)
    say(f"{name}: {'rejected' if reject else 'approved'}")
    show({"standard_change": name, "approved": not reject})
