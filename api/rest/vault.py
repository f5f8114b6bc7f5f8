"""Configurations of devices: versions, texts without secrets, differences."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse

from api.callers import CallerDep
from api.rest.paging import Page, RowNumber, Sort, WindowDep, page_of
from api.rest.schemas.changes import Version, VersionText
from inventory import service as inventory
from inventory.rows import Query as Rows
from playbooks import vault

router = APIRouter(prefix="/vault", tags=["vault"])
Number = Annotated[int, Query(ge=1, le=2**31 - 1)]


@router.get("/{device}")
def list_versions(
    caller: CallerDep, window: WindowDep, device: str, sort: Sort = ""
) -> Page[Version]:
    """Return a device's versions, newest first."""
    with caller.read() as session:
        row = inventory.get_device(session, caller.actor, device)
        query = Rows({"device": row.name}, "", sort, window.limit, window.offset)
        return page_of(Version, vault.list_versions(session, caller.actor, query))


@router.get("/versions/{number}")
def get_version(caller: CallerDep, number: RowNumber) -> VersionText:
    """Return a version with its text; secrets are masked."""
    with caller.read() as session:
        version, text = vault.read(session, caller.actor, number)
        return VersionText(version=Version.model_validate(version), text=text)


@router.get("/versions/{number}/difference", response_class=PlainTextResponse)
def difference(caller: CallerDep, number: RowNumber, to: Number) -> PlainTextResponse:
    """Return the unified difference from one version to another."""
    with caller.read() as session:
        return PlainTextResponse(vault.difference(session, caller.actor, number, to))
