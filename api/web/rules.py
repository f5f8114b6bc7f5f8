"""Rules that alerts are raised by, by topic, as a person reads them."""

from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from alerts.rulebook import service
from api.callers import CallerDep
from api.web.rendering import page

router = APIRouter(prefix="/rules")


@router.get("")
def list_page(request: Request, caller: CallerDep) -> HTMLResponse:
    """Show every rule with its threshold, state and runbook, and files that are not loaded."""
    with caller.read() as session:
        book = service.book(session, caller.actor, caller.context.settings)
    topics = [(topic, list(rows)) for topic, rows in groupby(book.rules, lambda row: row.topic)]
    firing = sum(row.state == "firing" for row in book.rules if row.severity != "none")
    values: dict[str, Any] = {"topics": topics, "refused": book.refused, "firing": firing}
    is_known = any(row.state != "unknown" for row in book.rules)
    return page(request, "rules.html", is_known=is_known, **values)
