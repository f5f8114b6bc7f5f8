"""Files that leave: the inventory and dossiers, in the forms offices and programs read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi import Response

from hatang import clock
from hatang.errors import InvalidInputError, Problem
from inventory import service
from inventory.exports import dossier
from playbooks import changes

if TYPE_CHECKING:
    from collections.abc import Collection

    from hatang.auth import Actor
    from hatang.db import AnySession, Database

MEDIA: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "yaml": "application/yaml",
    "json": "application/json",
    "zip": "application/zip",
}


def inventory_file(
    session: AnySession, actor: Actor, form: str, language: str, only: Collection[str]
) -> Response:
    """Return the inventory as a file; raises as `inventory.service.export`."""
    data = service.export(session, actor, form, language, only)
    return _attached(data, "-".join(["inventory", *only]), form)


def dossier_file(
    session: AnySession, actor: Actor, of: tuple[str, str], form: str, language: str
) -> Response:
    """Return the overview of a dossier `of` a service or, without one, of a unit, by their codes.

    Raises:
        NotFoundError: there is none, or it lies outside the actor's scope.
        InvalidInputError: no such form, or not exactly one of both.
    """
    system, unit = of
    if bool(system) == bool(unit):
        fix = "Name a service, or a unit."
        raise InvalidInputError([Problem("query", "service", system, "is needed alone", fix)])
    dossier.check_form(f".{form}")
    found = (
        dossier.unit_dossier(session, actor, unit, language)
        if unit
        else dossier.service_dossier(session, actor, system, language)
    )
    return _attached(found.written(f".{form}"), f"dossier-{system or unit}", form)


def evidence_file(db: Database, actor: Actor, number: int) -> Response:
    """Return the evidence of a change as a ZIP; raises as `playbooks.changes.bundle`."""
    return _attached(changes.bundle(db, actor, number), f"change-{number}", "zip")


def _attached(data: bytes, name: str, form: str) -> Response:
    safe = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name)
    day = clock.now().date().isoformat()
    headers = {
        "Content-Disposition": f'attachment; filename="{safe}-{day}.{form}"',
        "Cache-Control": "private, no-store",
    }
    return Response(data, media_type=MEDIA[form], headers=headers)
