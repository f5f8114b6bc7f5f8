"""Audits of configurations: start one, read what was found and how much it leaves out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, Field

from api.callers import CallerDep
from api.rest.paging import Page, RowNumber, Schema, Sort, WindowDep, page_of
from api.rest.schemas.changes import Started
from baselines import itself, service
from hatang.auth import Permission
from hatang.gates import Verdict

router = APIRouter(tags=["baselines"])


class Finding(Schema):
    """What a rule found on a device; evidence names the text's hash, the lines and both clocks.

    `sha256` is of what is found and of the lines that prove it: who reviews it says so of that.
    """

    run_id: int
    device: str
    rule_id: str
    rule_version: int
    severity: str
    verdict: str
    reason: str
    evidence: dict[str, Any]
    pack: str
    pack_sha256: str
    engine: str
    coverage: float | None
    finished_at: datetime
    sha256: str
    reviewed_by: str
    reviewed_at: datetime | None


class Review(Schema):
    """Of which finding, as it was looked at, somebody says that he reviewed it."""

    device: str = Field(max_length=200)
    rule_id: str = Field(max_length=16)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    note: str = Field(default="", max_length=4_000)


@dataclass(frozen=True, slots=True)
class Part:
    """Which findings: of one verdict, device or rule, and as they stood when."""

    verdict: Annotated[Verdict | None, Query()] = None
    device: Annotated[str | None, Query(max_length=200)] = None
    rule: Annotated[str | None, Query(max_length=16)] = None
    at: Annotated[AwareDatetime | None, Query()] = None


class Case(Schema):
    """One failure from the audit that first saw it; `due_at` ends its grace period."""

    id: int
    device: str
    rule_id: str
    severity: str
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None
    is_overdue: bool
    assignee: str
    change_id: int | None


class Waiver(Schema):
    """One waiver; the scores are of the device, without and with it."""

    id: int
    device: str
    rule_id: str
    reason: str
    measure: str
    requester: str
    created_at: datetime
    ends_at: datetime
    state: str
    decided_by: str | None
    comment: str
    sha256: str
    score_before: float | None
    score_after: float | None


class Wish(Schema):
    """What is asked for; `measure` is what makes up for the failure meanwhile."""

    device: str = Field(max_length=200)
    rule_id: str = Field(max_length=16)
    reason: str = Field(max_length=4_000)
    measure: str = Field(max_length=4_000)
    ends_at: AwareDatetime


class Asked(Schema):
    """The number of what was asked for."""

    id: int


class Decision(Schema):
    """A decision about exactly the content with this hash."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    approve: bool
    comment: str = Field(default="", max_length=4_000)


class Audit(Schema):
    """Which devices to judge."""

    devices: list[str] = Field(min_length=1, max_length=200)


class Audited(Schema):
    """The audits' numbers by device, the devices the vault holds nothing of, and what broke."""

    audits: dict[str, int]
    not_collected: list[str]
    errors: dict[str, str]


class SelfFinding(Schema):
    """What one rule said of the `part`, host or hatang, with the lines that prove it."""

    part: str
    rule_id: str
    rule_version: int
    severity: str
    verdict: str
    reason: str
    lines: list[int]
    excerpt: list[tuple[int, str]]


class SelfReport(Schema):
    """The newest audit of hatang itself; hashes of the texts by part, of the packs by name."""

    id: int
    finished_at: datetime
    engine: str
    packs: dict[str, str]
    sha256: dict[str, str]
    result_sha256: str
    ratio: float | None
    verdicts: dict[str, int]
    findings: list[SelfFinding]


class Score(Schema):
    """Passes among passes and failures, with everything it leaves out; null when neither.

    `ratio_unwaived` counts waived failures as failures.
    """

    ratio: float | None
    ratio_unwaived: float | None
    verdicts: dict[str, int]
    devices: int
    not_collected: list[str]


@router.post("/audits", status_code=201)
def audit_devices(caller: CallerDep, body: Audit) -> Audited:
    """Judge the newest configuration of each device."""
    done = service.audit_devices(caller.context.db, caller.actor, body.devices)
    return Audited.model_validate(done)


@router.get("/audits/score")
def score(caller: CallerDep) -> Score:
    """Return the sum of the newest audits."""
    with caller.read() as session:
        return Score.model_validate(service.score(session, caller.actor))


@router.get("/audits/self")
def audit_of_self(caller: CallerDep) -> SelfReport | None:
    """Return the newest audit of hatang itself, null before the first: host, settings, accounts."""
    with caller.read() as session:
        found = itself.latest(session, caller.actor)
    return None if found is None else SelfReport.model_validate(found)


@router.post("/audits/self", status_code=202)
def audit_self(caller: CallerDep) -> Started:
    """Have the worker judge hatang's own host, settings and accounts, one audit at a time."""
    with caller.write() as session:
        return Started(jobs=[itself.ask(session, caller.actor)])


@router.get("/findings")
def list_findings(
    caller: CallerDep,
    window: WindowDep,
    part: Annotated[Part, Depends()],
    sort: Sort = "",
) -> Page[Finding]:
    """Return the findings of each device's newest audit, worst first, as they stood at `at`."""
    given = {"verdict": part.verdict, "device": part.device, "rule": part.rule}
    query = window.query(given, sort=sort)
    with caller.read() as session:
        return page_of(Finding, service.list_findings(session, caller.actor, query, part.at))


@router.post("/findings/reviews", status_code=204)
def review_finding(caller: CallerDep, body: Review) -> None:
    """Say that one reviewed exactly the finding that was read, with what proves it."""
    caller.prove(Permission.WAIVER_APPROVE)
    finding = (body.device, body.rule_id)
    with caller.write() as session:
        service.review(session, caller.actor, finding, body.sha256, body.note)


@router.get("/cases")
def list_cases(
    caller: CallerDep,
    window: WindowDep,
    device: Annotated[str | None, Query(max_length=200)] = None,
    sort: Sort = "",
) -> Page[Case]:
    """Return failures from the day they were seen, those due first at the top."""
    query = window.query({"device": device}, sort=sort)
    with caller.read() as session:
        return page_of(Case, service.list_cases(session, caller.actor, query))


@router.get("/waivers")
def list_waivers(
    caller: CallerDep,
    window: WindowDep,
    device: Annotated[str | None, Query(max_length=200)] = None,
    sort: Sort = "",
) -> Page[Waiver]:
    """Return waivers, those waiting for a decision first."""
    query = window.query({"device": device}, sort=sort)
    with caller.read() as session:
        return page_of(Waiver, service.list_waivers(session, caller.actor, query))


@router.post("/waivers", status_code=201)
def request_waiver(caller: CallerDep, body: Wish) -> Asked:
    """Ask for a waiver of a failure, for another person to approve."""
    wish = service.Wish(body.device, body.rule_id, body.reason, body.measure, body.ends_at)
    with caller.write() as session:
        return Asked(id=service.request(session, caller.actor, wish))


@router.post("/waivers/{number}/decision", status_code=204)
def decide_waiver(caller: CallerDep, number: RowNumber, body: Decision) -> None:
    """Approve or reject exactly the waiver that was read; never one's own."""
    caller.prove(Permission.WAIVER_APPROVE)
    with caller.write() as session:
        service.decide(
            session,
            caller.actor,
            number,
            body.sha256,
            approve=body.approve,
            comment=body.comment,
        )
