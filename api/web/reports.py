"""Reports: how long people took, and what carriers owe."""

from datetime import date, timedelta
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from alerts import service
from alerts.service import Grouping, ResponseTimes
from api.callers import CallerDep
from api.credits import credit
from api.periods import days
from api.rest.reports import attached_credit, credit_of
from api.web.attachments import Form
from api.web.rendering import page
from hatang.i18n import language
from inventory.jobs import today

router = APIRouter(prefix="/reports")
BACK_DAYS: Final = 30
Day = Annotated[date | None, Query()]
Text = Annotated[str, Query(max_length=100)]


@router.get("")
def times_page(
    request: Request,
    caller: CallerDep,
    by: Grouping = Grouping.UNIT,
    since: Day = None,
    until: Day = None,
) -> HTMLResponse:
    """Show times to acknowledge and to repair, of the last thirty days unless asked otherwise."""
    settings = caller.context.settings
    last = until or today(settings)
    first = since or last - timedelta(days=BACK_DAYS - 1)
    span = days(first, last, ZoneInfo(settings.timezone))
    with caller.read() as session:
        found = service.response_times(session, caller.actor, by, span)
    values: dict[str, Any] = {
        "rows": found,
        "by": by,
        "groupings": list(Grouping),
        "since": first,
        "until": last,
        "longest": _longest(found),
    }
    return page(request, "times.html", **values)


@router.get("/carriers")
def carriers_page(
    request: Request, caller: CallerDep, carrier: Text = "", month: Text = ""
) -> HTMLResponse:
    """Show what a carrier owes for a month: the last one that is over unless asked otherwise."""
    over = today(caller.context.settings).replace(day=1) - timedelta(days=1)
    asked = month or f"{over:%Y-%m}"
    with caller.read() as session:
        known = service.carriers(session, caller.actor)
    chosen = carrier or (known[0] if known else "")
    document = None
    if chosen:
        zone = caller.context.settings.timezone
        document = credit(credit_of(caller, chosen, asked), zone)
    values: dict[str, Any] = {
        "carriers": known,
        "carrier": chosen,
        "month": asked,
        "document": document,
    }
    return page(request, "carriers.html", **values)


@router.get("/carriers/credit.{form}")
def credit_file(caller: CallerDep, form: Form, carrier: Text, month: Text) -> Response:
    """Send what a carrier owes for a month as a file to print or to count with."""
    return attached_credit(caller, (carrier, month), language(), form)


def _longest(rows: list[ResponseTimes]) -> float:
    """Return the longest time of the picture, in seconds; 1 where there is none."""
    each = [m.p90_seconds for row in rows for m in (row.acknowledged, row.repaired)]
    return max((seconds for seconds in each if seconds), default=1.0)
