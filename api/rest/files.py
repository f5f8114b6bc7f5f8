"""The inventory and dossiers as files."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Response

from api.attachments import MEDIA, dossier_file, inventory_file
from api.callers import CallerDep

router = APIRouter(prefix="/exports", tags=["inventory"])
Language = Annotated[Literal["vi", "en"], Query(description="Of headers and words.")]
Code = Annotated[str, Query(max_length=64)]
NOTHING: Final[list[str]] = []


def _files(*forms: str) -> dict[int | str, dict[str, object]]:
    content = {MEDIA[form].partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
               for form in forms}  # fmt: skip
    return {200: {"description": "The file", "content": content}}


@router.get("/inventory", response_class=Response, responses=_files("xlsx", "csv", "yaml"))
def export_inventory(
    caller: CallerDep,
    section: Annotated[
        list[str], Query(description="Only these; CSV takes one, YAML none.", max_length=40)
    ] = NOTHING,
    language: Language = "vi",
    *,
    form: Literal["xlsx", "csv", "yaml"] = "xlsx",
) -> Response:
    """Return the whole inventory, or sections of it, as a file that imports unchanged."""
    with caller.read() as session:
        return inventory_file(session, caller.actor, form, language, section)


@router.get("/dossier", response_class=Response, responses=_files("xlsx", "csv", "json"))
def export_dossier(
    caller: CallerDep,
    service: Code = "",
    unit: Code = "",
    language: Language = "vi",
    *,
    form: Literal["xlsx", "csv", "json"] = "xlsx",
) -> Response:
    """Return the overview of a system's dossier, or of all that a unit has, as a file."""
    with caller.read() as session:
        return dossier_file(session, caller.actor, (service, unit), form, language)
