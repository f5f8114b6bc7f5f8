"""Security: the queue of waivers, and a device's configuration with its lines marked."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from api import reports
from api.callers import Caller, CallerDep
from api.rest.paging import RowNumber, WindowDep
from api.web.rendering import page
from baselines import service
from baselines.choices import Severity
from baselines.parsing.reading import split
from hatang import clock
from hatang.auth import Permission
from hatang.gates import Verdict
from playbooks import vault

router = APIRouter(prefix="/findings")
Text = Annotated[str, Form(max_length=4_000)]
Shown = Annotated[Verdict | Literal["", "all"], Query()]
Digest = Annotated[str, Form(pattern=r"^[0-9a-f]{64}$")]
LINES_SHOWN = 5_000
ORDER = (
    *(Verdict.FAIL, Verdict.ERROR, Verdict.UNKNOWN, Verdict.MANUAL, Verdict.WAIVED),
    *(Verdict.NOT_APPLICABLE, Verdict.PASS),
)
OPEN = {Verdict.FAIL, Verdict.ERROR, Verdict.UNKNOWN}
"""What somebody has to do something about, and so is never folded away by itself."""


class Wish(BaseModel):
    """The form by which a waiver is asked for."""

    device: str = Field(max_length=200)
    rule: str = Field(max_length=16)
    reason: str = Field(max_length=4_000)
    measure: str = Field(max_length=4_000)
    days: int = Field(default=90, ge=1, le=366)


@router.get("/waivers")
def list_page(request: Request, caller: CallerDep, window: WindowDep) -> HTMLResponse:
    """Show waivers, those waiting for a decision first."""
    with caller.read() as session:
        found = service.list_waivers(session, caller.actor, window.query({}))
    titles = {row.rule_id: reports.rule_title(row.rule_id) for row in found.items}
    values: dict[str, Any] = {
        "rows": found.items,
        "total": found.total,
        "window": window,
        "titles": titles,
    }
    asker = caller.actor.name
    can_prove = caller.identity.has_second_factor
    return page(request, "waivers.html", asker=asker, has_second_factor=can_prove, **values)


@router.get("/devices/{name:path}")
def device_page(
    request: Request, caller: CallerDep, name: str, verdict: Shown = ""
) -> HTMLResponse:
    """Show what a device's newest audit found, failures and unknowns first, and the judged text.

    The others are counted and folded, until one `verdict` or all are asked for.
    """
    with caller.read() as session:
        rows = service.get_findings(session, caller.actor, name)
        lines: list[str] = []
        if rows and caller.actor.may(Permission.VAULT_READ):
            _version, text = vault.read(session, caller.actor, rows[0].evidence["version"])
            lines = split(text)
    failed = [row for row in rows if row.verdict in (Verdict.FAIL, Verdict.WAIVED)]
    marks: dict[int, list[str]] = {}
    for row in failed:
        for number in row.evidence["lines"]:
            marks.setdefault(number, []).append(row.rule_id)
    titles = {row.rule_id: reports.rule_title(row.rule_id) for row in rows}
    values: dict[str, Any] = {
        "device": name,
        "rows": rows,
        "failed": failed,
        "groups": _groups(rows, verdict),
        "verdict": verdict,
        "marks": marks,
        "titles": titles,
        "proof": _proof(rows),
        "has_second_factor": caller.identity.has_second_factor,
    }
    shown = lines[:LINES_SHOWN]
    return page(request, "judged.html", lines=shown, left_out=len(lines) - len(shown), **values)


def _groups(
    rows: list[service.FindingRow], chosen: Verdict | str
) -> list[tuple[Verdict, list[service.FindingRow], bool]]:
    """Return the findings by verdict, those to act on first, the worst of each first.

    And whether each is open; one that is not is folded.
    """
    worst = sorted(rows, key=lambda row: list(Severity).index(Severity(row.severity)))
    found = [(each, [row for row in worst if row.verdict == each]) for each in ORDER]
    shown = OPEN if not chosen else set(ORDER) if chosen == "all" else {chosen}
    return [(each, of_it, each in shown) for each, of_it in found if of_it]


def _proof(rows: list[service.FindingRow]) -> dict[str, Any]:
    """Return what all findings of one audit rest on, with its times as times."""
    if not rows:
        return {}
    found = rows[0].evidence
    times = {
        name: datetime.fromisoformat(found[name])
        for name in ("collected_at", "server_clock", "device_clock")
        if found.get(name)
    }
    return {**found, "server_clock": None, "device_clock": None, **times}


@router.post("/waivers")
def ask(caller: CallerDep, given: Annotated[Wish, Form()]) -> RedirectResponse:
    """Ask for a waiver."""
    ends_at = clock.now() + timedelta(days=given.days)
    wish = service.Wish(given.device, given.rule, given.reason, given.measure, ends_at)
    with caller.write() as session:
        service.request(session, caller.actor, wish)
    return _back()


@router.post("/waivers/{number}/approve")
def approve(
    caller: CallerDep, number: RowNumber, sha256: Digest, comment: Text = ""
) -> RedirectResponse:
    """Approve the waiver that was shown."""
    return _decide(caller, number, sha256, comment, approve=True)


@router.post("/waivers/{number}/reject")
def reject(
    caller: CallerDep, number: RowNumber, sha256: Digest, comment: Text = ""
) -> RedirectResponse:
    """Reject the waiver that was shown."""
    return _decide(caller, number, sha256, comment, approve=False)


def _decide(
    caller: Caller, number: int, digest: str, comment: str, *, approve: bool
) -> RedirectResponse:
    caller.prove(Permission.WAIVER_APPROVE)
    with caller.write() as session:
        service.decide(session, caller.actor, number, digest, approve=approve, comment=comment)
    return _back()


def _back() -> RedirectResponse:
    return RedirectResponse("/findings/waivers", 303)
