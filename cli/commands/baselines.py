"""Is it secure: audits, waivers, fixes, reports, bundles and the packs of rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from baselines import itself, packs, parsing, service
from cli import exits
from cli.command import noun, verb
from cli.door import door
from cli.itself import show_self
from cli.options import (
    LimitOption,
    OffsetOption,
    SortOption,
    several,
)
from cli.output import say, show, show_page, show_rows
from hatang import clock, signing
from hatang.auth import Permission, require
from hatang.datadir import Places
from hatang.errors import InvalidInputError, Problem
from inventory import service as inventory
from inventory.rows import EVERYTHING, Query
from playbooks.vault.rounds import is_collected

if TYPE_CHECKING:
    from collections.abc import Sequence

baseline: typer.Typer = noun("baseline", "Configurations judged by rules, with evidence.")
pack: typer.Typer = noun("pack", "Rules as signed data.")
override: typer.Typer = noun("override", "Parameters of rules, set otherwise here.")

DeviceOption = Annotated[str, typer.Option(help="Of this device only.")]
VerdictOption = Annotated[str, typer.Option(help="pass, fail, unknown, waived, …")]
AtOption = Annotated[str, typer.Option("--at", help="As it stood then: 2026-11-28 or with T08:00.")]


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    baseline.add_typer(pack)
    baseline.add_typer(override)
    app.add_typer(baseline)


@verb(baseline, "run")
def run(
    *,
    devices: Annotated[str, typer.Option(help="Names with commas between, or all.")] = "all",
    is_self: Annotated[
        bool, typer.Option("--self", help="hatang's own host, settings and accounts instead.")
    ] = False,
) -> None:
    """Judge the vault's newest configurations; devices never collected are named.

    With --self hatang reads its own host, changing nothing, and judges itself.

    Example: hatang baseline run --devices hub-1 --as lan
    """
    opened = door()
    actor = opened.acting()
    if is_self:
        show_self(itself.audit_self(opened.app.db, opened.settings, actor))
        return
    wanted = several(devices)
    if devices == "all":
        with opened.read() as (session, who):
            rows = inventory.list_devices(session, who, EVERYTHING).items
        wanted = [row.name for row in rows if is_collected(row)]
    done = service.audit_devices(opened.app.db, actor, wanted)
    missing, broken = done.not_collected, done.errors
    show({"audited": done.audits, "not_collected": missing, "errors": broken})
    say(f"{len(done.audits)} audited, {len(missing)} never collected, {len(broken)} broke")
    if missing or broken:
        raise typer.Exit(exits.FAILED)


@verb(baseline, "show")
def show_findings(  # noqa: PLR0913 - each is an option
    *,
    device: DeviceOption = "",
    verdict: VerdictOption = "",
    rule: Annotated[str, typer.Option(help="Of this rule only.")] = "",
    at: AtOption = "",
    limit: LimitOption = 10_000,
    offset: OffsetOption = 0,
    sort: SortOption = "",
) -> None:
    """List findings of each device's newest audit, worst first.

    Example: hatang baseline show --verdict fail --as lan
    """
    given = {"device": device, "verdict": verdict, "rule": rule}
    query = Query({name: value for name, value in given.items() if value}, "", sort, limit, offset)
    with door().read() as (session, actor):
        found = service.list_findings(session, actor, query, moment(at))
    show_page(found, "device", "rule_id", "severity", "verdict", "reason")


@verb(baseline, "score")
def score(*, at: AtOption = "") -> None:
    """Show the share of passes, and what it leaves out.

    Example: hatang baseline score --as lan
    """
    with door().read() as (session, actor):
        show(service.score(session, actor, moment(at)))


@verb(baseline, "cases")
def cases(
    *,
    device: DeviceOption = "",
    limit: LimitOption = 10_000,
    offset: OffsetOption = 0,
    sort: SortOption = "",
) -> None:
    """List failures from the day they were seen: who is to mend them, and until when.

    Example: hatang baseline cases --device hub-1 --as lan
    """
    query = Query({"device": device} if device else {}, "", sort, limit, offset)
    with door().read() as (session, actor):
        found = service.list_cases(session, actor, query)
    show_page(found, "device", "rule_id", "severity", "due_at", "is_overdue", "assignee")


@verb(baseline, "assign")
def assign(
    device: str, rule: str, *, to: Annotated[str, typer.Option(help="Who is to mend it.")]
) -> None:
    """Say who is to put a failure right.

    Example: hatang baseline assign hub-1 LOG-01 --to hoa --as lan
    """
    with door().write() as (session, actor):
        service.assign(session, actor, device, rule, assignee=to)
    say(f"{rule} on {device} is assigned to {to}")


@verb(baseline, "fix")
def fix(
    device: str,
    rule: str,
    *,
    file: Annotated[Path | None, typer.Option(help="The lines; else those of the rule.")] = None,
) -> None:
    """Draft a change set that puts a failure right; nothing is changed yet.

    Example: hatang baseline fix hub-1 LOG-01 --file log.conf --as lan
    """
    text = "" if file is None else file.read_text("utf-8")
    with door().write() as (session, actor):
        number = service.propose_fix(session, actor, device, rule, text=text)
    show({"change": number})


@verb(baseline, "waive")
def waive(
    device: str,
    rule: str,
    *,
    reason: Annotated[str, typer.Option(help="Why it cannot be mended now.")],
    measure: Annotated[str, typer.Option(help="What makes up for it meanwhile.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="After so many it counts again.")] = 90,
) -> None:
    """Ask for a waiver of a failure, for another person to approve.

    Example: hatang baseline waive hub-1 SNM-02 --reason "old UPS" --measure "ACL" --as lan
    """
    ends_at = clock.now() + timedelta(days=days)
    wish = service.Wish(device, rule, reason, measure, ends_at)
    with door().write() as (session, actor):
        number = service.request(session, actor, wish)
    show({"waiver": number})


@verb(baseline, "waivers")
def waivers(
    *,
    device: DeviceOption = "",
    limit: LimitOption = 10_000,
    offset: OffsetOption = 0,
    sort: SortOption = "",
) -> None:
    """List waivers, those waiting for a decision first.

    Example: hatang baseline waivers --as lan
    """
    query = Query({"device": device} if device else {}, "", sort, limit, offset)
    with door().read() as (session, actor):
        found = service.list_waivers(session, actor, query)
    show_page(found, "id", "device", "rule_id", "state", "ends_at", "requester", "sha256")


@verb(baseline, "decide")
def decide(
    number: int,
    *,
    sha256: Annotated[str, typer.Option(help="The hash of the waiver you have read.")],
    approve: Annotated[bool, typer.Option("--approve/--reject", help="Yes or no.")],
    comment: Annotated[str, typer.Option(help="For the record.")] = "",
) -> None:
    """Approve or reject exactly the waiver you have read; never your own.

    Example: hatang baseline decide 3 --sha256 5f1c… --approve --as hoa
    """
    with door().write() as (session, actor):
        service.decide(session, actor, number, sha256, approve=approve, comment=comment)
    say(f"waiver {number} is {'approved' if approve else 'rejected'}")


@verb(baseline, "end-waiver")
def end_waiver(number: int) -> None:
    """End a waiver before its time: the failure counts again.

    Example: hatang baseline end-waiver 3 --as lan
    """
    with door().write() as (session, actor):
        service.end(session, actor, number)
    say(f"waiver {number} has ended")


@verb(baseline, "bundle")
def bundle(
    *,
    out: Annotated[Path, typer.Option(help="Write this file, a ZIP.")],
    device: DeviceOption = "",
    verdict: VerdictOption = "",
    at: AtOption = "",
) -> None:
    """Write the findings with all that proves them as one signed file.

    Example: hatang baseline bundle --out evidence.zip --as truc
    """
    given = {"device": device, "verdict": verdict}
    filters = {name: value for name, value in given.items() if value}
    opened = door()
    with opened.write() as (session, actor):
        require(actor, Permission.VAULT_READ)
        private = signing.load_or_create(Places.of(opened.settings).evidence_key)
        data = service.bundle(session, actor, private, filters=filters, at=moment(at))
    out.write_bytes(data)
    show({"written": str(out), "bytes": len(data), "key": _fingerprint(private)})


@verb(baseline, "key")
def key() -> None:
    """Show the fingerprint of the key that signs this installation's bundles.

    Example: hatang baseline key --as truc
    """
    opened = door()
    with opened.read() as (_session, actor):
        require(actor, Permission.BASELINE_READ)
    show({"key": _fingerprint(signing.load_or_create(Places.of(opened.settings).evidence_key))})


@verb(baseline, "verify")
def verify(
    file: Path,
    *,
    trusted: Annotated[str, typer.Option("--key", help="The fingerprint it must have.")] = "",
) -> None:
    """Verify a bundle offline: signature, every file, every cited line; exit status 1 if not.

    Example: hatang baseline verify evidence.zip --key 3346c7…
    """
    found, problems = service.verify_bundle(file.read_bytes(), trusted)
    _tell(problems)
    if problems:
        raise typer.Exit(exits.FAILED)
    show({"bundle": str(file), "key": found, "compared": bool(trusted)})
    say("whole and signed" if trusted else "whole and signed; compare the key by another way")


@verb(baseline, "reproduce")
def reproduce(run_id: int) -> None:
    """Judge the sealed text of an audit again as then; exit status 1 when the bytes differ.

    Example: hatang baseline reproduce 17 --as truc
    """
    opened = door()
    then, now = service.reproduce(opened.app.db, opened.acting(), run_id)
    show({"run": run_id, "then": then, "now": now, "is_equal": then == now})
    if then != now:
        raise typer.Exit(exits.FAILED)


@verb(pack, "lint")
def lint(
    name: Annotated[str, typer.Argument(help="framework/edition; else every pack.")] = "",
    *,
    directory: Annotated[Path | None, typer.Option(help="Where packs lie, else ours.")] = None,
    keys: Annotated[Path | None, typer.Option(help="Where trusted keys lie, else ours.")] = None,
) -> None:
    """Check signature, files, rules and every fixture of packs; exit status 1 when one is wrong.

    Example: hatang baseline pack lint core/2026.2
    """
    shelf = packs.Shelf(directory or packs.DIRECTORY, keys or packs.KEYS)
    names = [name] if name else packs.names(shelf)
    problems = [problem for each in names for problem in packs.lint(each, shelf)]
    _tell(problems)
    say(f"{len(names)} packs, {len(problems)} problems")
    if problems:
        raise typer.Exit(exits.FAILED)


@verb(pack, "list")
def list_packs() -> None:
    """List the packs of rules with their hash and key, and the dialects they may speak.

    Example: hatang baseline pack list
    """
    found = [packs.load(name) for name in packs.names()]
    rows = [
        {"name": one.name, "rules": len(one.rules), "sha256": one.sha256, "key": one.key}
        for one in found
    ]
    spoken = [
        {"dialect": one.name, "title": one.title, "proven_on_real_devices": one.is_proven}
        for one in map(parsing.dialect, parsing.names())
    ]
    show({"packs": rows, "dialects": spoken})


@verb(override, "list")
def list_overrides() -> None:
    """List what is set here, beside what the pack says.

    Example: hatang baseline override list --as truc
    """
    with door().read() as (session, actor):
        found = service.list_overrides(session, actor)
    show_rows(found, "rule_id", "parameter", "value", "default", "reason", "author")


@verb(override, "set")
def set_override(
    rule: str,
    parameter: str,
    value: str,
    *,
    reason: Annotated[str, typer.Option(help="Why it is otherwise here.")],
) -> None:
    """Set a parameter of a rule within the bounds it allows.

    Example: hatang baseline override set TIM-01 sources 1 --reason "one clock so far" --as son
    """
    with door().write() as (session, actor):
        service.set_override(session, actor, rule, parameter, value, reason=reason)
    say(f"{rule} {parameter} is {value} here")


@verb(override, "end")
def end_override(rule: str, parameter: str) -> None:
    """Let the pack's value count again.

    Example: hatang baseline override end TIM-01 sources --as son
    """
    with door().write() as (session, actor):
        service.end_override(session, actor, rule, parameter)
    say(f"{rule} {parameter} is as the pack says")


def _tell(problems: Sequence[Problem]) -> None:
    show_rows(problems, "where", "field", "value", "message", "fix")


def _fingerprint(private: bytes) -> str:
    return signing.fingerprint(signing.public_of(private))


def moment(text: str) -> datetime | None:
    """Return the time that `text` names, None when it is empty; raises InvalidInputError."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        fix = "Write it as 2026-11-28 or 2026-11-28T08:00."
        raise InvalidInputError([Problem("query", "at", text[:40], "is no time", fix)]) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
