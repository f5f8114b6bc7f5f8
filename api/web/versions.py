"""The vault in a browser: a device's versions, what each changed, and the way back to one."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from api.callers import CallerDep
from api.rest.paging import RowNumber, WindowDep
from api.web.diffs import lines
from api.web.rendering import page
from inventory import service as inventory
from inventory.rows import Query as Rows
from playbooks import vault

router = APIRouter(prefix="/vault")
Compared = Annotated[int, Query(ge=0, le=2**31 - 1)]
LINES_SHOWN = 5_000


@router.get("/devices/{name:path}")
def history_page(request: Request, caller: CallerDep, window: WindowDep, name: str) -> HTMLResponse:
    """Show a device's versions, newest first."""
    with caller.read() as session:
        device = inventory.get_device(session, caller.actor, name)
        query = Rows({"device": device.name}, "", "", window.limit, window.offset)
        found = vault.list_versions(session, caller.actor, query)
    rows, total = found.items, found.total
    return page(request, "versions.html", device=device, rows=rows, total=total, window=window)


@router.get("/versions/{number}")
def version_page(
    request: Request, caller: CallerDep, number: RowNumber, against: Compared = 0
) -> HTMLResponse:
    """Show a version with its secrets masked, and what it changed in meaning.

    `against` is the version it is compared with, unless the one before it.
    """
    with caller.read() as session:
        version, text = vault.read(session, caller.actor, number)
        before = against or vault.before(session, caller.actor, version)
        differs = ""
        if before:
            differs = vault.semantic_difference(session, caller.actor, before, number)
    shown = text.splitlines()
    return page(
        request,
        "version.html",
        version=version,
        before=before,
        diff=lines(differs),
        lines=shown[:LINES_SHOWN],
        left_out=max(0, len(shown) - LINES_SHOWN),
    )
