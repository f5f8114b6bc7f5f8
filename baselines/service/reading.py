"""Findings and scores; a score is never shown without what it leaves out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, select, true

from baselines.choices import Severity
from baselines.models import AuditFinding, AuditRun
from baselines.service import reviewed, standing, waiving
from baselines.service.found import FindingRow
from hatang import clock, scope
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
class Score:
    """Share of passes among passes and failures, None when there is neither, and the rest.

    `ratio_unwaived` is the share when waived failures count as what they are.
    """

    ratio: float | None
    ratio_unwaived: float | None
    verdicts: Mapping[str, int]
    devices: int
    not_collected: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What is added up: devices of these names, None for all, and one rule, empty for all."""

    names: frozenset[str] | None = None
    rule: str = ""

    @property
    def devices(self) -> ColumnElement[bool]:
        """The condition of `Device`."""
        return true() if self.names is None else Device.name.in_(sorted(self.names))

    @property
    def findings(self) -> ColumnElement[bool]:
        """The condition of `AuditFinding` of `Device`."""
        of_rule = AuditFinding.rule_id == self.rule if self.rule else true()
        return and_(self.devices, of_rule)

    def holds(self, device: str, rule: str) -> bool:
        """Return whether what is said of a rule on a device belongs to it."""
        return (self.names is None or device in self.names) and self.rule in {"", rule}


WHOLE: Final = Part()

_WORST_FIRST: Final = case(
    {severity.value: rank for rank, severity in enumerate(Severity)}, value=AuditFinding.severity
)


def _order(shown: ColumnElement[str]) -> Order:
    return Order(
        {
            "device": Device.name,
            "rule": AuditFinding.rule_id,
            "severity": _WORST_FIRST,
            "verdict": shown,
            "finished_at": AuditRun.finished_at,
        },
        (
            _WORST_FIRST.asc(),
            Device.name.asc(),
            AuditFinding.rule_id.asc(),
            AuditFinding.id.asc(),
        ),
    )


def list_findings(
    session: AnySession, actor: Actor, query: Query = FIRST_PAGE, at: datetime | None = None
) -> Page[FindingRow]:
    """Return the findings of each device's newest audit, worst first, as they stood at `at`.

    A device that was not in operation then counts for nothing, but is shown to who names it: what
    keeps it from going live must be seen first.

    Raises:
        InvalidInputError: an unknown column to filter or sort by.
    """
    shown = shown_verdict(at or clock.now())
    statement = _newest(actor, shown, at)
    if "device" not in query.filters:
        statement = statement.where(standing.counts(at))
    found = fetch(session, statement, _order(shown), query, _row)
    return replace(found, items=reviewed.with_reviews(session, actor, found.items, at))


def get_findings(
    session: AnySession, actor: Actor, device: str, at: datetime | None = None
) -> list[FindingRow]:
    """Return the findings of one device's newest audit; empty when it was never audited."""
    statement = _newest(actor, shown_verdict(at or clock.now()), at).where(Device.name == device)
    statement = statement.order_by(AuditFinding.rule_id)
    rows = [_row(*found) for found in session.execute(statement)]
    return list(reviewed.with_reviews(session, actor, rows, at))


def score(
    session: AnySession, actor: Actor, at: datetime | None = None, part: Part = WHOLE
) -> Score:
    """Add up the newest audits of that part of what the actor sees, as they stood at `at`."""
    acting = actor.acting(Permission.BASELINE_READ)
    shown = shown_verdict(at or clock.now())
    statement = _newest(actor, shown, at).where(standing.counts(at), part.findings)
    rows = session.execute(statement).all()
    counts = Counter(verdict for _finding, _run, _device, verdict in rows)
    audited = {device for _finding, _run, device, _verdict in rows}
    names = session.scalars(
        select(Device.name).where(
            scope.visible(acting, Device.scope_id), standing.counts(at), part.devices
        )
    ).all()
    passed, failed = counts[Verdict.PASS], counts[Verdict.FAIL]
    return Score(
        ratio=ratio(passed, failed),
        ratio_unwaived=ratio(passed, failed + counts[Verdict.WAIVED]),
        verdicts={verdict: counts[verdict] for verdict in Verdict},
        devices=len(audited),
        not_collected=tuple(sorted(set(names) - audited)),
    )


def ratio(passed: int, failed: int) -> float | None:
    """Return the share of passes, None when there is neither a pass nor a failure."""
    return passed / (passed + failed) if passed + failed else None


def shown_verdict(at: datetime) -> ColumnElement[str]:
    """A failure under a waiver in force at `at` shows as waived."""
    waived = and_(AuditFinding.verdict == Verdict.FAIL.value, waiving.in_force(at))
    return case((waived, Verdict.WAIVED.value), else_=AuditFinding.verdict)


def newest_runs(actor: Actor, at: datetime | None) -> ColumnElement[bool]:
    """Return the condition of `AuditRun` that it is its device's newest by `at`, and visible."""
    acting = actor.acting(Permission.BASELINE_READ)
    return and_(newest_of_all(at), scope.visible(acting, AuditRun.scope_id))


def newest_of_all(at: datetime | None) -> ColumnElement[bool]:
    """Return the condition of `AuditRun` that it is its device's newest by `at`."""
    newest = select(func.max(AuditRun.id)).group_by(AuditRun.device_id)
    if at is not None:
        newest = newest.where(AuditRun.finished_at <= at)
    return AuditRun.id.in_(newest)


def _newest(
    actor: Actor, shown: ColumnElement[str], at: datetime | None
) -> Select[AuditFinding, AuditRun, str, str]:
    return (
        select(AuditFinding, AuditRun, Device.name, shown)
        .join(AuditRun, AuditRun.id == AuditFinding.run_id)
        .join(Device, Device.id == AuditRun.device_id)
        .where(newest_runs(actor, at))
    )


def _row(finding: AuditFinding, run: AuditRun, device: str, verdict: str) -> FindingRow:
    return FindingRow(
        run_id=run.id,
        device=device,
        rule_id=finding.rule_id,
        rule_version=finding.rule_version,
        severity=finding.severity,
        verdict=verdict,
        reason=finding.reason,
        evidence=finding.evidence,
        pack=run.pack,
        pack_sha256=run.pack_sha256,
        engine=run.engine,
        coverage=run.coverage,
        finished_at=run.finished_at,
    )
