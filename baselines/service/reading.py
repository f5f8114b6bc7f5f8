"""Findings and scores; a score is never shown without what it leaves out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Select, case, func, select

from baselines.choices import Severity
from baselines.models import AuditFinding, AuditRun
from hatang import scope
from hatang.auth import Permission
from hatang.gates import Verdict
from inventory.models import Device
from inventory.pages import Order, fetch
from inventory.rows import FIRST_PAGE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.rows import Page, Query


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding with the device it is about."""

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


@dataclass(frozen=True, slots=True)
class Score:
    """Share of passes among passes and failures, None when there is neither, and the rest."""

    ratio: float | None
    verdicts: Mapping[str, int]
    devices: int
    not_collected: tuple[str, ...]


_WORST_FIRST: Final = case(
    {severity.value: rank for rank, severity in enumerate(Severity)}, value=AuditFinding.severity
)
FINDINGS: Final = Order(
    {
        "device": Device.name,
        "rule": AuditFinding.rule_id,
        "severity": _WORST_FIRST,
        "verdict": AuditFinding.verdict,
        "finished_at": AuditRun.finished_at,
    },
    (_WORST_FIRST.asc(), Device.name.asc(), AuditFinding.rule_id.asc(), AuditFinding.id.asc()),
)


def list_findings(session: AnySession, actor: Actor, query: Query = FIRST_PAGE) -> Page[FindingRow]:
    """Return the findings of each device's newest audit, worst first.

    Raises:
        InvalidInputError: an unknown column to filter or sort by.
    """
    return fetch(session, _newest(actor), FINDINGS, query, _row)


def get_findings(session: AnySession, actor: Actor, device: str) -> list[FindingRow]:
    """Return the findings of one device's newest audit; empty when it was never audited."""
    statement = _newest(actor).where(Device.name == device).order_by(AuditFinding.rule_id)
    return [_row(*found) for found in session.execute(statement)]


def score(session: AnySession, actor: Actor) -> Score:
    """Add up the newest audits of everything the actor sees."""
    acting = actor.acting(Permission.BASELINE_READ)
    rows = session.execute(_newest(actor)).all()
    counts = Counter(finding.verdict for finding, _run, _device in rows)
    audited = {device for _finding, _run, device in rows}
    names = session.scalars(
        select(Device.name).where(scope.visible(acting, Device.scope_id), Device.status == "active")
    ).all()
    judged = counts[Verdict.PASS] + counts[Verdict.FAIL]
    return Score(
        ratio=counts[Verdict.PASS] / judged if judged else None,
        verdicts={verdict: counts[verdict] for verdict in Verdict},
        devices=len(audited),
        not_collected=tuple(sorted(set(names) - audited)),
    )


def _newest(actor: Actor) -> Select[AuditFinding, AuditRun, str]:
    acting = actor.acting(Permission.BASELINE_READ)
    newest = select(func.max(AuditRun.id)).group_by(AuditRun.device_id)
    return (
        select(AuditFinding, AuditRun, Device.name)
        .join(AuditRun, AuditRun.id == AuditFinding.run_id)
        .join(Device, Device.id == AuditRun.device_id)
        .where(AuditRun.id.in_(newest), scope.visible(acting, AuditRun.scope_id))
    )


def _row(finding: AuditFinding, run: AuditRun, device: str) -> FindingRow:
    return FindingRow(
        run_id=run.id,
        device=device,
        rule_id=finding.rule_id,
        rule_version=finding.rule_version,
        severity=finding.severity,
        verdict=finding.verdict,
        reason=finding.reason,
        evidence=finding.evidence,
        pack=run.pack,
        pack_sha256=run.pack_sha256,
        finished_at=run.finished_at,
    )
