"""How devices are intended to be, and which of them are not, since when."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli import exits
from cli.command import noun, verb
from cli.commands.changes import (
    DevicesOption,
    ParameterOption,
    PlatformOption,
    RoleOption,
    SiteOption,
    UnitOption,
    content,
    parameters,
)
from cli.door import door
from cli.options import LimitOption, OffsetOption, SortOption, several
from cli.output import say, show, show_page, show_parts, show_rows
from inventory.rows import Query
from playbooks import changes
from playbooks import drift as service
from playbooks.choices import DriftState
from playbooks.drift import By, IntendedDraft

drift: typer.Typer = noun("drift", "Devices that are not as intended, since when.")
intended: typer.Typer = noun("intended", "How the devices of a selection are to be.")

FilterOption = Annotated[str, typer.Option(help="Only of this one.")]
ByOption = Annotated[By | None, typer.Option(help="Add devices up by this.")]


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    drift.add_typer(intended)
    app.add_typer(drift)


@verb(drift, "list")
def list_(  # noqa: PLR0913 - each narrows or adds up
    *,
    unit: FilterOption = "",
    site: FilterOption = "",
    intended: FilterOption = "",
    state: Annotated[str, typer.Option(help="drifted, unknown or in_line.")] = "",
    by: ByOption = None,
    limit: LimitOption = 100,
    offset: OffsetOption = 0,
    sort: SortOption = "",
) -> None:
    """List how devices stand to what is intended: what drifted longest first, then the unknown.

    Example: hatang drift list --state drifted --as lan

    Example: hatang drift list --by unit --as lan
    """
    given = {"unit": unit, "site": site, "intended": intended, "state": state}
    filters = {name: value for name, value in given.items() if value}
    query = Query(filters, "", sort, limit, offset)
    with door().read() as (session, actor):
        if by is not None:
            groups = service.counts(session, actor, by, query)
            show_rows(groups, "key", "name", "drifted", "unknown", "in_line")
            return
        found = service.list_drifts(session, actor, query)
    columns = ("device", "intended", "state", "drifted_since", "reason", "line_count", "version_id")
    show_page(found, *columns)


@verb(drift, "show")
def show_(device: str) -> None:
    """Show how a device stands to all that is intended for it, with the lines that bring it back.

    Secrets are masked. The lines are a proposal: hatang change create --drift makes a change of it.

    Example: hatang drift show hub-1 --as lan
    """
    with door().read() as (session, actor):
        found = service.of_device(session, actor, device)
    columns = ("intended", "state", "drifted_since", "reason", "detail", "version_id", "lines")
    show_parts(found, standings=columns, past=("intended", "since", "ended_at", "ending"))


@verb(drift, "run")
def run(*, devices: Annotated[str, typer.Option(help="Names, or all.")] = "all") -> None:
    """Compare now, by what the vault holds; no device is asked. Exit status 1 unless all in line.

    Example: hatang drift run --devices hub-1,hub-2 --as lan
    """
    opened = door()
    names = None if devices == "all" else several(devices)
    hours = opened.settings.playbooks.drift_backup_hours
    counted = service.run(opened.app.db, opened.acting(), hours, names)
    show({state.value: counted.get(state.value, 0) for state in DriftState})
    if any(counted.get(state.value) for state in DriftState if state is not DriftState.IN_LINE):
        raise typer.Exit(exits.FAILED)


@verb(intended, "set")
def set_(  # noqa: PLR0913 - what, and for which devices
    name: str,
    template: Annotated[Path, typer.Argument(help="A Jinja2 file of how each is to be.")],
    *,
    parameter: ParameterOption = None,
    devices: DevicesOption = "",
    site: SiteOption = "",
    unit: UnitOption = "",
    role: RoleOption = "",
    platform: PlatformOption = "",
    whole: Annotated[bool, typer.Option("--whole", help="What the file leaves out goes.")] = False,
) -> None:
    """Say how the devices of a selection are to be; one of that name is replaced.

    Example: hatang drift intended set ntp ntp.j2 --role hub --set server=10.0.0.9 --as lan
    """
    given = (devices, site, unit, role, platform)
    selection = changes.Selection(*(tuple(several(each)) for each in given))
    text, values = content(template), parameters(parameter or [])
    opened = door()
    draft = IntendedDraft(name, text, values, selection, whole)
    show({"intended": service.set_intended(opened.app.db, opened.acting(), draft)})


@verb(intended, "list")
def list_intended() -> None:
    """List what is intended for which devices; of parameters the names alone.

    Example: hatang drift intended list --as lan
    """
    with door().read() as (session, actor):
        found = service.list_intended(session, actor)
    columns = ("name", "selection", "parameters", "is_whole", "is_readable", "is_for_none")
    show_rows(found, *columns, "set_by", "set_at")


@verb(intended, "remove")
def remove(name: str) -> None:
    """Intend nothing any more under this name; its drifts end and stay as history.

    Example: hatang drift intended remove ntp --as lan
    """
    with door().write() as (session, actor):
        service.remove_intended(session, actor, name)
    say(f"nothing is intended under {name} any more")
