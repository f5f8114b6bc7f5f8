"""Security: the annual data sheets that are frozen, their hashes, and their signed copies."""

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api import sheet_report
from api.callers import CallerDep
from api.rest.paging import RowNumber
from api.web.attachments import Form, attached
from api.web.rendering import page
from baselines import service

router = APIRouter(prefix="/findings/sheets")


@router.get("")
def list_page(request: Request, caller: CallerDep) -> HTMLResponse:
    """Show each frozen sheet with the hash at freezing, which a signed copy shows."""
    zone = caller.context.settings.timezone
    with caller.read() as session:
        rows = service.list_sheets(session, caller.actor)
    values: dict[str, Any] = {
        "rows": [
            (row, list(sheet_report.facts(row, json.loads(row.content), zone))) for row in rows
        ]
    }
    return page(request, "sheets.html", **values)


@router.get("/{year}/sheet.{form}")
def sheet(caller: CallerDep, year: RowNumber, form: Form) -> Response:
    """Send a frozen sheet as a file to print and to sign."""
    with caller.read() as session:
        row = service.get_sheet(session, caller.actor, year)
    document = sheet_report.sheet_document(row, caller.context.settings.timezone)
    return attached(document, form, f"sheet-{year}")
