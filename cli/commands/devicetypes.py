"""The device-type library: types of devices and modules in NetBox's own files."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Annotated

import typer

from cli.command import noun, verb
from cli.door import door
from cli.output import say, show
from hatang.errors import ConflictError, InvalidInputError, NotFoundError, Problem
from inventory import devicetypes as library
from inventory import service
from inventory.choices import ElementKind
from inventory.service import devicetypes

device_types: typer.Typer = noun("device-types", "Types of devices and modules.")


@verb(device_types, "import")
def import_(
    source: Annotated[Path, typer.Argument(help="The library's directory, or a zip of it.")],
    *,
    sha256: Annotated[
        str, typer.Option("--plan", help="Only if the plan is the one with this hash.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be done.")
    ] = False,
) -> None:
    """Import NetBox's device-type library: everything, or nothing and every error at once.

    Example: hatang inventory device-types import devicetype-library.zip --as lan
    """
    if not source.exists():
        raise NotFoundError(f"there is no {source}")
    found = library.read(source)
    with door().write() as (session, actor):
        plan = devicetypes.plan_device_types(session, actor, found, source.name)
        if sha256 and plan.sha256 != sha256:
            fix = "Plan it again and read what changed."
            problem = Problem(source.name, "plan", sha256, "is not the plan of it now", fix)
            raise InvalidInputError([problem])
        if not dry_run:
            service.apply_import(session, actor, plan, f"cli:{source.name}")
    kinds = [one.kind for one in found.definitions]
    for note, count in sorted(found.notes.items()):
        say(note if count == 1 else f"{note} ({count} times)")
    show(
        {
            "sha256": plan.sha256,
            **plan.counts(),
            "device_types": kinds.count(ElementKind.DEVICE_TYPE),
            "module_types": kinds.count(ElementKind.MODULE_TYPE),
        }
    )


@verb(device_types, "export")
def export(out: Annotated[Path, typer.Argument(help="The zip file to write; a new one.")]) -> None:
    """Write every type as a file of NetBox's library, into a zip.

    Example: hatang inventory device-types export types.zip --as lan
    """
    if out.exists():
        raise ConflictError(f"{out} is there already", fix="Name a new file.")
    count = 0
    with (
        door().read() as (session, actor),
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        names: set[str] = set()
        for path, text in devicetypes.export_device_types(session, actor):
            count += 1
            name = path if path not in names else f"{path.removesuffix('.yaml')}-{count}.yaml"
            names.add(name)
            archive.writestr(name, text)
    show({"file": str(out), "types": count})
