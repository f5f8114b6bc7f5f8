"""Change sets: from a text to devices that undo themselves unless it works."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cli import exits
from cli.command import verb
from cli.commands.rollouts import change
from cli.door import door
from cli.options import LimitOption, OffsetOption, PlanOption, SortOption, several
from cli.output import say, show, show_page, show_rows, wants_json
from cli.wiring.jobs import JOB_MODULES
from hatang import clock
from hatang.errors import InvalidInputError, Problem
from inventory.rows import Query
from playbooks import changes
from playbooks.changes import Draft, Rollout, Window
from playbooks.changes.planning import DEFAULT_REVERT_SECONDS
from playbooks.changes.rollout import BATCH, CANARIES
from playbooks.choices import ChangeState
from playbooks.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playbooks.changes.composing import Source

FOLLOW_SECONDS: Final = 1.0

__all__ = ["JOB_MODULES", "register"]


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(change)


TextOption = Annotated[
    list[str] | None, typer.Option(help="DEVICE[,DEVICE…]=FILE; may be given several times.")
]
SnippetOption = Annotated[Path | None, typer.Option(help="A file of lines for every device.")]
TemplateOption = Annotated[
    Path | None, typer.Option(help="A Jinja2 file that inventory data fills in.")
]
IntendedOption = Annotated[
    Path | None, typer.Option(help="A Jinja2 file of how each is to be; the change is what lacks.")
]
WholeOption = Annotated[
    bool, typer.Option("--whole", help="With --intended: what the file does not name goes.")
]
DriftOption = Annotated[
    str, typer.Option(help="An intended configuration; the change is what the devices lack.")
]
StandardOption = Annotated[str, typer.Option(help="The name of a standard change.")]
RestoreOption = Annotated[
    list[int] | None, typer.Option(help="A version of the vault; may be given several times.")
]
CredentialOption = Annotated[
    str, typer.Option(help="The credential that the devices are to be opened with from then on.")
]
OldUserOption = Annotated[
    int, typer.Option("--old-users-of", help="A rotation whose old users are to be removed.")
]
ParameterOption = Annotated[
    list[str] | None, typer.Option("--set", help="NAME=VALUE of a template's parameters.")
]
DevicesOption = Annotated[str, typer.Option(help="Names, with commas between.")]
SiteOption = Annotated[str, typer.Option(help="Devices of these sites.")]
UnitOption = Annotated[str, typer.Option(help="Devices of these units and all below.")]
RoleOption = Annotated[str, typer.Option(help="Devices of these roles.")]
PlatformOption = Annotated[str, typer.Option(help="Devices of these platforms.")]
ReasonOption = Annotated[str, typer.Option(help="Why, for who approves.")]
RevertOption = Annotated[
    int, typer.Option(help="After this a device undoes what was not confirmed.")
]
CanaryOption = Annotated[int | None, typer.Option(help="So many devices first.")]
BatchOption = Annotated[int | None, typer.Option(help="So many in a wave; 0: the rest.")]
PerSiteOption = Annotated[int, typer.Option(help="At most so many of a site in a wave.")]
SoakOption = Annotated[int, typer.Option(help="Seconds between a wave and its health gate.")]
OpensOption = Annotated[datetime | None, typer.Option(help="Window, in local time.")]
ClosesOption = Annotated[datetime | None, typer.Option(help="Its end, in local time.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Only show the lines each device would get.")
]


@verb(change, "create")
def create(  # noqa: PLR0913 - what, on which devices, when, how it spreads
    title: str,
    *,
    text: TextOption = None,
    snippet: SnippetOption = None,
    template: TemplateOption = None,
    intended: IntendedOption = None,
    whole: WholeOption = False,
    drift: DriftOption = "",
    standard: StandardOption = "",
    restore: RestoreOption = None,
    credential: CredentialOption = "",
    old_users_of: OldUserOption = 0,
    parameter: ParameterOption = None,
    devices: DevicesOption = "",
    site: SiteOption = "",
    unit: UnitOption = "",
    role: RoleOption = "",
    platform: PlatformOption = "",
    reason: ReasonOption = "",
    revert_seconds: RevertOption = DEFAULT_REVERT_SECONDS,
    canary: CanaryOption = None,
    batch: BatchOption = None,
    per_site: PerSiteOption = 0,
    soak: SoakOption = 0,
    opens: OpensOption = None,
    closes: ClosesOption = None,
    dry_run: DryRunOption = False,
) -> None:
    """Write a change set down: what goes to which devices, when, and how it spreads.

    Example: hatang change create "NTP" --text hub-1,hub-2=ntp.conf --as lan

    Example: hatang change create "SNMP" --template snmp.j2 --role hub --canary 1 --batch 50
    """
    named = standard, credential, drift, old_users_of
    _require_one(text, snippet, template, intended, restore, *named)
    shaped = _shape((canary, batch, per_site, soak), opens, closes)
    opened = door()
    if text:
        draft = Draft(title, reason, _texts(text), revert_seconds, *shaped)
        with opened.write() as (session, actor):
            show({"change": changes.create(session, actor, draft)})
        return
    filled = parameters(parameter or [])
    files = snippet, template, intended
    source = _source(files, named, restore or [], filled, is_whole=whole)
    given = (devices, site, unit, role, platform)
    selection = changes.Selection(*(tuple(several(each)) for each in given))
    wanted = changes.Wanted(title, source, selection, reason, revert_seconds, *shaped)
    if dry_run:
        with opened.read() as (session, actor):
            groups = changes.preview(session, actor, wanted)
        show_rows(groups, "devices", "rendered")
        return
    with opened.read() as (session, actor):
        draft = changes.drafted(session, actor, wanted)
    with opened.write() as (session, actor):
        show({"change": changes.create(session, actor, draft)})


def _require_one(*sources: object) -> None:
    if sum(map(bool, sources)) != 1:
        names = "--text, --snippet, --template, --intended, --drift, --standard, --restore"
        raise typer.BadParameter(f"give one of {names}, --credential, --old-users-of")


def _shape(
    numbers: tuple[int | None, int | None, int, int],
    opens: datetime | None,
    closes: datetime | None,
) -> tuple[Rollout | None, Window]:
    canary, batch, per_site, soak = numbers
    is_usual = canary is None and batch is None and not per_site and not soak
    first = CANARIES if canary is None else canary
    then = BATCH if batch is None else batch
    rollout = None if is_usual else Rollout(first, then, per_site, soak)
    return rollout, Window(opens and opens.astimezone(), closes and closes.astimezone())


def _source(
    files: tuple[Path | None, Path | None, Path | None],
    named: tuple[str, str, str, int],
    versions: list[int],
    parameters: Mapping[str, str],
    *,
    is_whole: bool,
) -> Source:
    standard, credential, drift, rotation = named
    if rotation:
        return changes.Removal(rotation)
    if credential or drift:
        return changes.Rotation(credential) if credential else changes.Stored(drift)
    if standard:
        return changes.Standard(standard, parameters)
    return _typed(files, parameters, is_whole=is_whole) or changes.Restore(tuple(versions))


def _typed(
    files: tuple[Path | None, Path | None, Path | None],
    parameters: Mapping[str, str],
    *,
    is_whole: bool,
) -> Source | None:
    snippet, template, intended = files
    if snippet is not None:
        return changes.Snippet(content(snippet))
    if template is not None:
        return changes.Template(content(template), parameters)
    if intended is not None:
        return changes.Intended(content(intended), parameters, is_whole)
    return None


def content(file: Path) -> str:
    """Return the text of a file; raises InvalidInputError when it cannot be read."""
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fix = "Name a readable text file."
        problem = Problem("change", "file", str(file)[:80], "cannot be read", fix)
        raise InvalidInputError([problem]) from error


def parameters(given: list[str]) -> Mapping[str, str]:
    """Return NAME=VALUE words as a mapping; raises InvalidInputError for every wrong one."""
    wrong = [each for each in given if "=" not in each]
    if wrong:
        raise InvalidInputError(
            [
                Problem("change", "set", each[:80], "has no = in it", "Write it as NAME=VALUE.")
                for each in wrong
            ]
        )
    return {name.strip(): value for name, _, value in (each.partition("=") for each in given)}


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
        texts |= dict.fromkeys(several(names), content)
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
    pace = Pace.of(opened.settings)
    changes.plan(opened.app.db, opened.app.host_keys, actor, number, pace=pace)
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


@verb(change, "apply")
def apply(
    number: int,
    *,
    wait: Annotated[int, typer.Option(help="Seconds to wait for the end; 0 does not.")] = 900,
) -> None:
    """Run an approved change and tell how it goes; exit status 1 when it did not end well.

    Before its window opens it is only scheduled. When it is paused, this says so and ends.

    Example: hatang change apply 3 --as lan
    """
    with door().write() as (session, actor):
        keys = changes.execute(session, actor, number)
    if not wait:
        show({"change": number, "jobs": keys})
        return
    _follow(number, wait)


def _follow(number: int, seconds: float) -> None:
    """Tell each line of the change until it ends, waits for a person, or the time is over."""
    deadline = clock.monotonic() + seconds
    last = 0
    while True:
        with door().read() as (session, actor):
            lines = changes.list_lines(session, actor, number, last)
            row = changes.get_head(session, actor, number)
        for line in lines:
            say(" ".join(filter(None, (f"{line.at:%H:%M:%S}", line.kind, line.device, line.text))))
            last = line.id
        is_waiting = row.is_paused and row.phase == ""
        has_ended = row.state not in {ChangeState.RUNNING, ChangeState.SCHEDULED}
        if has_ended or is_waiting or clock.monotonic() >= deadline:
            break
        time.sleep(FOLLOW_SECONDS)
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
    if found.impact is not None:
        say(f"if all its devices fail: {_impact(found.impact)}")
    show_rows(found.targets, "wave", "device", "state", "safety", "reason", "detail")
    if found.checks:
        show_rows(found.checks, "wave", "element", "before", "after", "reason")
    for group in found.groups:
        print(f"\n{', '.join(group.devices)}, lines to configure:\n{group.rendered}")
        if group.diff:
            print(f"difference as the devices computed it:\n{group.diff}")
    return found.change.state


def _impact(impact: Mapping[str, Any]) -> str:
    names = ("devices", "sites", "services", "rooms", "people")
    return ", ".join(f"{impact[name]} {name}" for name in names if impact.get(name) is not None)


@verb(change, "old-users")
def old_users() -> None:
    """List the users that rotations left on devices, the oldest first: they are to be removed.

    Example: hatang change old-users --as lan
    """
    with door().read() as (session, actor):
        found = changes.list_left(session, actor)
    show_rows(found, "rotation", "device", "username", "since", "days", "removal")


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
