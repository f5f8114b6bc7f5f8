"""The inventory and dossiers as files to save, in the reader's language."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from api.attachments import dossier_file, inventory_file
from api.callers import CallerDep
from hatang.i18n import language

router = APIRouter(prefix="/inventory")
Code = Annotated[str, Query(max_length=64)]


@router.get("/export")
def export(
    caller: CallerDep, section: Code = "", *, form: Literal["xlsx", "csv", "yaml"] = "xlsx"
) -> Response:
    """Return the inventory, or one section of it, as a file."""
    only = [section] if section else []
    with caller.read() as session:
        return inventory_file(session, caller.actor, form, language(), only)


@router.get("/dossier")
def dossier(
    caller: CallerDep,
    service: Code = "",
    unit: Code = "",
    *,
    form: Literal["xlsx", "csv", "json"] = "xlsx",
) -> Response:
    """Return the overview of a dossier as a file."""
    with caller.read() as session:
        return dossier_file(session, caller.actor, (service, unit), form, language())
