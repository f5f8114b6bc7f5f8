"""Security: what audits of configurations found."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import reports
from api.callers import CallerDep
from api.rest.paging import WindowDep
from api.web.attachments import Form as FileForm
from api.web.attachments import attached
from api.web.rendering import page
from baselines import service
from hatang.gates import Verdict
from inventory import service as inventory
from inventory.rows import Query as Rows

router = APIRouter(prefix="/findings")


@router.get("")
def list_page(
    request: Request,
    caller: CallerDep,
    window: WindowDep,
    verdict: Annotated[Verdict | None, Query()] = None,
    rule: Annotated[str | None, Query(max_length=16)] = None,
) -> HTMLResponse:
    """Show the score with what it leaves out, and the findings, worst first."""
    with caller.read() as session:
        score = service.score(session, caller.actor)
        query = window.query({"verdict": verdict, "rule": rule})
        found = service.list_findings(session, caller.actor, query)
    values: dict[str, Any] = {
        "score": score,
        "rows": found.items,
        "total": found.total,
        "titles": {row.rule_id: reports.rule_title(row.rule_id) for row in found.items},
        "window": window,
        "verdict": verdict,
        "rule": rule,
        "rule_title": reports.rule_title(rule) if rule else "",
        "verdicts": list(Verdict),
    }
    return page(request, "findings.html", **values)


@router.get("/report.{form}")
def report(
    caller: CallerDep, form: FileForm, verdict: Annotated[Verdict | None, Query()] = None
) -> Response:
    """Send the findings as a file to print or to count with."""
    filters = {} if verdict is None else {"verdict": verdict.value}
    with caller.read() as session:
        zone = caller.context.settings.timezone
        document = reports.findings(session, caller.actor, filters, zone)
    return attached(document, form, "findings")


@router.post("/audit")
def audit(caller: CallerDep, device: Annotated[str, Form(max_length=200)] = "") -> RedirectResponse:
    """Judge one device, or every active one."""
    names = [device]
    if not device:
        query = Rows({"status": "active"}, limit=None)
        with caller.read() as session:
            rows = inventory.list_devices(session, caller.actor, query).items
        names = [row.name for row in rows]
    service.audit_devices(caller.context.db, caller.actor, names)
    return RedirectResponse(f"/devices/{device}" if device else "/findings", 303)
