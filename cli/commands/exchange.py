"""The inventory of other tools: out to Ansible and a dossier, in from a NetBox or Ansible."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import verb
from cli.door import door
from cli.output import say, show, show_rows, show_text, wants_json
from hatang.errors import InvalidInputError, NotFoundError, Problem
from hatang.i18n import LANGUAGES
from inventory import service
from inventory.exports import ansible, dossier
from inventory.service import sourcing
from inventory.sources import ansible as static
from inventory.sources import mapping as words

if TYPE_CHECKING:
    from inventory.planning import ImportPlan
    from inventory.sources.document import Document

exchange: typer.Typer = typer.Typer()

MapOption = Annotated[
    Path | None, typer.Option("--map", help="YAML: their words and ours, and what is left out.")
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")]
PlanOption = Annotated[
    str, typer.Option("--plan", help="Only if the plan is the one with this hash.")
]


@verb(exchange, "ansible")
def ansible_(
    *,
    everything: Annotated[
        bool, typer.Option("--list", help="All devices with their groups; the default.")
    ] = False,
    host: Annotated[str, typer.Option("--host", help="The variables of this device only.")] = "",
) -> None:
    """Print the devices as an Ansible inventory script does.

    Example: hatang inventory ansible --list --as lan
    """
    if everything and host:
        raise typer.BadParameter("give --list or --host")
    with door().read() as (session, actor):
        found = (
            ansible.ansible_host(session, actor, host)
            if host
            else ansible.ansible_inventory(session, actor)
        )
    show_text(json.dumps(found, ensure_ascii=False, indent=1))


@verb(exchange, "import-netbox")
def import_netbox(  # noqa: PLR0913 RUF100 - a parameter is an option
    url: Annotated[str, typer.Argument(help="Where it is: https://netbox.tinh.example")],
    *,
    credential: Annotated[str, typer.Option(help="A stored credential that holds its token.")],
    mapping: MapOption = None,
    ca_file: Annotated[
        Path | None,
        typer.Option("--ca-file", help="Who signed its certificate; else the system's."),
    ] = None,
    sha256: PlanOption = "",
    dry_run: DryRunOption = False,
) -> None:
    """Import a running NetBox: everything, or nothing and every problem at once.

    Example: hatang inventory import-netbox https://netbox.tinh.example --credential nb --as lan
    """
    said = _mapping(mapping)
    _check(ca_file)
    lab = door().settings.lab
    with door().read() as (session, actor):
        address = sourcing.netbox_address(session, actor, url, credential, ca_file=ca_file, lab=lab)
    source = sourcing.read_netbox(address, said)
    _import(source, f"netbox:{source.name}", sha256, dry_run=dry_run)


@verb(exchange, "import-ansible")
def import_ansible(
    path: Annotated[
        Path, typer.Argument(help="A static inventory, INI or YAML, or its directory.")
    ],
    *,
    mapping: MapOption = None,
    sha256: PlanOption = "",
    dry_run: DryRunOption = False,
) -> None:
    """Import the hosts of an Ansible inventory; nothing of it is carried out.

    Example: hatang inventory import-ansible hosts.ini --map map.yaml --dry-run --as lan
    """
    if not path.exists():
        raise NotFoundError(f"there is no {path}")
    source = static.read(path, _mapping(mapping))
    _import(source, f"ansible:{source.name}", sha256, dry_run=dry_run)


@verb(exchange, "dossier")
def dossier_(
    service_code: Annotated[str, typer.Argument(metavar="[SERVICE]", help="A system's code.")] = "",
    *,
    unit: Annotated[str, typer.Option(help="Instead: all that this unit has, by its code.")] = "",
    out: Annotated[Path, typer.Option(help="Write this file: .xlsx, .csv or .json.")],
    language: Annotated[str, typer.Option(help="Of headers and words: vi or en.")] = "vi",
) -> None:
    """Write the overview of a system's dossier: devices, services, zones, addresses, software.

    Example: hatang inventory dossier portal --out portal.xlsx --as lan
    """
    if bool(service_code) == bool(unit):
        raise typer.BadParameter("name a SERVICE, or a --unit")
    if language not in LANGUAGES:
        raise typer.BadParameter(f"--language takes {' or '.join(LANGUAGES)}, not {language}")
    dossier.check_form(out.suffix.lower())
    with door().read() as (session, actor):
        found = (
            dossier.unit_dossier(session, actor, unit, language)
            if unit
            else dossier.service_dossier(session, actor, service_code, language)
        )
    out.write_bytes(found.written(out.suffix.lower()))
    show({name: len(list(table.rows)) for name, table in found.tables.items()})


def _mapping(path: Path | None) -> words.Mapping:
    _check(path)
    return words.Mapping() if path is None else words.load(path)


def _check(path: Path | None) -> None:
    if path is not None and not path.is_file():
        raise NotFoundError(f"there is no file {path}")


def _import(source: Document, origin: str, sha256: str, *, dry_run: bool) -> None:
    lab = door().settings.lab
    if dry_run:
        with door().read() as (session, actor):
            plan = service.plan_import(session, actor, source, lab=lab)
    else:
        with door().write() as (session, actor):
            plan = service.plan_import(session, actor, source, lab=lab)
            if sha256 and plan.sha256 != sha256:
                fix = "Plan it again and read what changed."
                problem = Problem(source.name, "plan", sha256, "is not the plan of it now", fix)
                raise InvalidInputError([problem])
            service.apply_import(session, actor, plan, origin)
    _show(source, plan)


def _show(source: Document, plan: ImportPlan) -> None:
    for note in source.notes:
        say(note)
    for problem in plan.warnings:
        say(f"doubtful: {problem}")
    rows = [
        {"do": do, "kind": row.kind, "key": row.key, "fields": sorted(row.fields)}
        for do, planned in (("create", plan.created), ("change", plan.changed))
        for row in planned
    ]
    said = {"sha256": plan.sha256, **plan.counts(), "notes": list(source.notes)}
    if wants_json():
        show({**said, "rows": rows})
        return
    show_rows(rows, "do", "kind", "key")
    show({"sha256": plan.sha256, **plan.counts()})
