"""Security: how units, systems, levels, devices and rules stand, and the report built of it."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from api import audit_report, reports, self_report
from api.audit_report import Choice
from api.callers import Caller, CallerDep
from api.web.rendering import page
from baselines import itself, service
from baselines.itself import SelfReport
from baselines.service import By
from hatang import clock
from hatang.db import AnySession
from hatang.errors import DeniedError, InvalidInputError, Problem
from hatang.gates import Verdict

router = APIRouter(prefix="/findings")

Form = Literal["pdf", "docx", "xlsx", "csv", "json", "oscal.json"]
GROUPS_SHOWN: Final = 200
FIRST_YEAR: Final = 2000
"""Nothing was audited before; trends look back from the day that is chosen."""
SHOWN: Final = (Verdict.PASS, Verdict.FAIL, Verdict.WAIVED, Verdict.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person chose: groups, the day at whose end they stood, and a sample."""

    by: Annotated[By, Query()] = By.UNIT
    key: Annotated[str, Query(max_length=200)] = ""
    on: Annotated[date | Literal[""], Query()] = ""
    sample: Annotated[int, Query(ge=0, le=10_000)] = 0
    seed: Annotated[str, Query(max_length=64)] = ""


AskedDep = Annotated[Asked, Depends()]


@router.get("/posture")
def posture_page(request: Request, caller: CallerDep, asked: AskedDep) -> HTMLResponse:
    """Show how each group stands, the worst first, and offer the report."""
    choice = _choice(caller, asked)
    with caller.read() as session:
        rows = service.posture(session, caller.actor, choice.by, choice.at)
        own = _own(session, caller, choice.at)
    named = [(row, audit_report.group_name(choice.by, row)) for row in rows]
    values: dict[str, Any] = {
        "asked": asked,
        "rows": named[:GROUPS_SHOWN],
        "left_out": len(named[GROUPS_SHOWN:]),
        "choices": [(each, audit_report.by_word(each)) for each in By],
        "shown": SHOWN,
        "own": own,
        "own_proof": self_report.proof(),
        "own_shown": [
            (one, reports.rule_title(one.rule_id), self_report.part_word(one.part))
            for one in (own.findings if own else ())
            if one.verdict != Verdict.PASS
        ],
        "forms": [form.removeprefix(".") for form in audit_report.FORMS],
        "today": clock.now().astimezone(_zone(caller)).date(),
    }
    return page(request, "posture.html", **values)


@router.get("/audit-report.{form}")
def report(caller: CallerDep, form: Form, asked: AskedDep) -> Response:
    """Send the audit report as a file."""
    ending = f".{form}"
    zone = caller.context.settings.timezone
    with caller.read() as session:
        data = audit_report.audit_file(session, caller.actor, _choice(caller, asked), ending, zone)
    headers = {"Content-Disposition": f'attachment; filename="hatang-audit{ending}"'}
    return Response(data, media_type=audit_report.FORMS[ending], headers=headers)


def _own(session: AnySession, caller: Caller, at: datetime | None) -> SelfReport | None:
    """Return how hatang itself stands, None before its first audit and for who may not read it."""
    try:
        return itself.latest(session, caller.actor, at)
    except DeniedError:
        return None


def _choice(caller: Caller, asked: Asked) -> Choice:
    at = None
    if asked.on:
        if asked.on.year < FIRST_YEAR:
            fix = "Choose a day since 2000."
            raise InvalidInputError(
                [Problem("report", "on", asked.on.isoformat(), "is too little", fix)]
            )
        at = datetime.combine(asked.on, time.max, _zone(caller))
    return Choice(asked.by, asked.key, at, sample=asked.sample, seed=asked.seed)


def _zone(caller: Caller) -> ZoneInfo:
    return ZoneInfo(caller.context.settings.timezone)
