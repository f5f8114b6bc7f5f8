"""Audits of configurations: start one, read what was found and how much it leaves out."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from api.callers import CallerDep
from api.rest.paging import Page, Schema, Sort, WindowDep, page_of
from baselines import service
from hatang.gates import Verdict

router = APIRouter(tags=["baselines"])


class Finding(Schema):
    """What a rule found on a device; evidence names the text's hash and the lines."""

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
    finished_at: datetime


class Audit(Schema):
    """Which devices to judge."""

    devices: list[str] = Field(min_length=1, max_length=200)


class Audited(Schema):
    """The audits' numbers by device, the devices the vault holds nothing of, and what broke."""

    audits: dict[str, int]
    not_collected: list[str]
    errors: dict[str, str]


class Score(Schema):
    """Passes among passes and failures, with everything it leaves out; null when neither."""

    ratio: float | None
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


@router.get("/findings")
def list_findings(
    caller: CallerDep,
    window: WindowDep,
    verdict: Annotated[Verdict | None, Query()] = None,
    device: Annotated[str | None, Query(max_length=200)] = None,
    sort: Sort = "",
) -> Page[Finding]:
    """Return the findings of each device's newest audit, worst first."""
    query = window.query({"verdict": verdict, "device": device}, sort=sort)
    with caller.read() as session:
        return page_of(Finding, service.list_findings(session, caller.actor, query))
