"""The life of a failure: opened by the audit that saw it, assigned, due, closed by one that passes.

An audit that could not judge closes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import Select, insert, select

from baselines import packs
from baselines.choices import Severity
from baselines.models import AuditRun, Case
from baselines.parsing.dialects import of_platform
from hatang import audit, clock, scope
from hatang.auth import Permission
from hatang.errors import ConflictError, DeniedError, InvalidInputError, NotFoundError, Problem
from hatang.gates import Verdict
from inventory import service as inventory
from inventory.models import Device
from inventory.pages import Order, fetch
from inventory.rows import FIRST_PAGE
from playbooks import changes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from baselines.engine import Finding
    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession
    from inventory.rows import Page, Query

# How long a failure may stand before it is overdue, by how much it matters.
GRACE: Final[Mapping[Severity, timedelta]] = {
    Severity.CRITICAL: timedelta(days=7),
    Severity.HIGH: timedelta(days=30),
    Severity.MEDIUM: timedelta(days=90),
    Severity.LOW: timedelta(days=180),
}
_ENDED: Final = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One failure; `is_overdue` when its grace period is over and it still stands."""

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


def follow(
    session: WriteSession,
    run: AuditRun,
    findings: Sequence[Finding],
    severities: Mapping[str, Severity],
) -> None:
    """Open a case for each failure that has none, close those whose rule no longer fails."""
    statement = select(Case).where(Case.device_id == run.device_id, Case.closed_at.is_(None))
    standing = {case.rule_id: case for case in session.scalars(statement)}
    opened = []
    for finding in findings:
        case = standing.get(finding.rule_id)
        if finding.verdict is Verdict.FAIL and case is None:
            severity = severities[finding.rule_id]
            opened.append(
                {
                    "scope_id": run.scope_id,
                    "device_id": run.device_id,
                    "rule_id": finding.rule_id,
                    "severity": severity,
                    "opened_at": run.finished_at,
                    "due_at": run.finished_at + GRACE[severity],
                    "closed_at": None,
                    "assignee": "",
                    "change_id": None,
                }
            )
        elif finding.verdict in _ENDED and case is not None:
            case.closed_at = run.finished_at
    if opened:
        session.execute(insert(Case), opened)


def list_cases(session: AnySession, actor: Actor, query: Query = FIRST_PAGE) -> Page[CaseRow]:
    """Return cases, those due first at the top; raises InvalidInputError for an unknown column."""
    return fetch(session, _visible(actor), CASES, query, _row)


def assign(
    session: WriteSession, actor: Actor, device: str, rule_id: str, *, assignee: str
) -> None:
    """Say who is to put an open failure right.

    Raises:
        NotFoundError: there is no open failure of this rule on this device.
        DeniedError: the actor may not ask for changes there.
        InvalidInputError: no name.
    """
    if not assignee.strip():
        raise InvalidInputError(
            [Problem(device, "assignee", assignee, "is empty", "Name who is to do it.")]
        )
    case = _open(session, actor, device, rule_id)
    case.assignee = assignee
    detail = {"rule": rule_id, "assignee": assignee}
    audit.record(session, actor, "baseline.assign", f"device/{case.device_id}", detail)


def propose_fix(
    session: WriteSession, actor: Actor, device: str, rule_id: str, *, text: str = ""
) -> int:
    """Draft a change set that puts an open failure right; returns its id. Nothing is changed yet.

    Without `text` the rule's own fix is taken, if it holds nothing to be filled in. The change is
    planned, approved and pushed as any other, and the audit after it closes the case.

    Raises:
        NotFoundError: there is no open failure of this rule on this device.
        ConflictError: the rule's fix has places to fill in.
        DeniedError, InvalidInputError: as for any change set.
    """
    case = _open(session, actor, device, rule_id)
    row = inventory.get_device(session, actor, device)
    rule = packs.load().rule(rule_id)
    given = text or _fix(rule_id, row.platform)
    draft = changes.Draft(
        title=f"{rule_id}: {rule.title.vi}"[:255],
        reason=f"{rule.rationale.vi} (baseline {packs.DEFAULT} {rule_id} v{rule.version})",
        texts={device: given},
    )
    case.change_id = changes.create(session, actor, draft)
    detail = {"rule": rule_id, "change": case.change_id}
    audit.record(session, actor, "baseline.propose-fix", f"device/{case.device_id}", detail)
    return case.change_id


def _fix(rule_id: str, platform: str) -> str:
    rule = packs.load().rule(rule_id)
    spoken = rule.dialects.get(of_platform(platform))
    if spoken is None or spoken.fix.by_hand or _has_places(spoken.fix.text):
        shown = "" if spoken is None else f" It says: {spoken.fix.text}"
        raise ConflictError(
            f"the fix of {rule_id} has places to fill in", fix=f"Give the lines yourself.{shown}"
        )
    return spoken.fix.text + "\n"


def _has_places(text: str) -> bool:
    return "<" in text or "..." in text


def _open(session: WriteSession, actor: Actor, device: str, rule_id: str) -> Case:
    row = inventory.get_device(session, actor, device)
    statement = (
        select(Case)
        .where(Case.device_id == row.id, Case.rule_id == rule_id, Case.closed_at.is_(None))
        .limit(1)
    )
    case = session.scalars(statement).first()
    if case is None:
        raise NotFoundError(f"{device} has no open failure of {rule_id}")
    if not scope.reaches(session, actor.acting(Permission.CHANGE_REQUEST), case.scope_id):
        raise DeniedError(f"{actor.name} may not ask for changes of {device}")
    return case


CASES: Final = Order(
    {
        "device": Device.name,
        "rule": Case.rule_id,
        "severity": Case.severity,
        "assignee": Case.assignee,
        "opened_at": Case.opened_at,
        "due_at": Case.due_at,
        "closed_at": Case.closed_at,
    },
    (Case.closed_at.is_not(None).asc(), Case.due_at.asc(), Case.id.asc()),
)


def _visible(actor: Actor) -> Select[Case, str]:
    acting = actor.acting(Permission.BASELINE_READ)
    return (
        select(Case, Device.name)
        .join(Device, Device.id == Case.device_id)
        .where(scope.visible(acting, Case.scope_id))
    )


def _row(case: Case, device: str) -> CaseRow:
    return CaseRow(
        id=case.id,
        device=device,
        rule_id=case.rule_id,
        severity=case.severity,
        opened_at=case.opened_at,
        due_at=case.due_at,
        closed_at=case.closed_at,
        is_overdue=case.closed_at is None and case.due_at < clock.now(),
        assignee=case.assignee,
        change_id=case.change_id,
    )
