"""Waivers: a failure allowed for a time, by another person than who asked, and never for good.

A waiver is in force while its approval is: an expired one needs nobody to end it, the failure
counts again from that moment on.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, Select, exists, select

from baselines import packs
from baselines.choices import UNAUDITED
from baselines.models import AuditFinding, AuditRun, Case, Waiver
from hatang import approval, audit, clock, scope
from hatang.approval import Approval
from hatang.auth import Permission
from hatang.errors import DeniedError, InvalidInputError, NotFoundError, Problem
from hatang.gates import Verdict
from inventory import service as inventory
from inventory.models import Device
from inventory.pages import Order, fetch
from inventory.rows import FIRST_PAGE

if TYPE_CHECKING:
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession
    from inventory.rows import DeviceRow, Page, Query

KIND: Final = "waiver"
LONGEST: Final = timedelta(days=366)  # twelve months, a leap year's too


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for; `measure` is what makes up for the failure meanwhile."""

    device: str
    rule_id: str
    reason: str
    measure: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class WaiverRow:
    """One waiver as lists show it; scores are of the device, without and with it."""

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
    decided_at: datetime | None
    comment: str
    sha256: str
    score_before: float | None
    score_after: float | None

    def held(self, at: datetime) -> bool:
        """Return whether it was in force at `at`, as `in_force` says it of findings."""
        states = (approval.State.APPROVED, approval.State.EXPIRED)
        if self.state not in states or self.decided_at is None:
            return False
        return self.decided_at <= at < self.ends_at


def request(session: WriteSession, actor: Actor, wish: Wish) -> int:
    """Ask for a waiver of a failure that stands now, or of a missing audit; returns its id.

    Raises:
        NotFoundError: no such device or rule.
        DeniedError: the actor may not ask for waivers there.
        InvalidInputError: nothing fails there, a text is empty, or the end is past or further off
            than twelve months; all at once.
    """
    acting = actor.acting(Permission.WAIVER_REQUEST)
    device = inventory.get_device(session, actor, wish.device)
    if wish.rule_id != UNAUDITED:
        packs.load().rule(wish.rule_id)
    if not scope.reaches(session, acting, device.scope_id):
        raise DeniedError(f"{actor.name} may not ask for waivers of {wish.device}")
    _check(session, device, wish)
    digest = _digest(device, wish)
    row = Waiver(
        scope_id=device.scope_id,
        device_id=device.id,
        rule_id=wish.rule_id,
        reason=wish.reason,
        measure=wish.measure,
        ends_at=wish.ends_at,
        sha256=digest,
        created_at=clock.now(),
        approval_id=0,
    )
    row.score_before, row.score_after = _scores(session, device.id, wish.rule_id)
    subject = approval.Subject(
        KIND, f"{device.id}/{wish.rule_id}", digest, scope_id=device.scope_id
    )
    row.approval_id = approval.request(
        session,
        actor,
        subject,
        Permission.WAIVER_APPROVE,
        reason=wish.reason,
        expires_at=wish.ends_at,
    )
    session.add(row)
    session.flush()
    detail = {"waiver": row.id, "rule": wish.rule_id, "ends_at": wish.ends_at.isoformat()}
    audit.record(session, actor, "baseline.request-waiver", f"device/{device.id}", detail)
    return row.id


def decide(
    session: WriteSession,
    actor: Actor,
    waiver_id: int,
    sha256: str,
    *,
    approve: bool,
    comment: str = "",
) -> None:
    """Approve or reject the waiver the actor has read; raises as `approval.decide`."""
    row = _get(session, actor, waiver_id)
    approval.decide(session, actor, row.approval_id, sha256, approve=approve, comment=comment)


def end(session: WriteSession, actor: Actor, waiver_id: int) -> None:
    """End a waiver before its time: the failure counts again at once.

    Raises:
        NotFoundError: there is no such waiver.
        DeniedError: the actor may neither ask for waivers there nor approve them.
    """
    row = _get(session, actor, waiver_id)
    if not any(
        scope.reaches(session, actor.acting(permission), row.scope_id)
        for permission in (Permission.WAIVER_REQUEST, Permission.WAIVER_APPROVE)
        if actor.may(permission)
    ):
        raise DeniedError(f"{actor.name} may not end this waiver")
    approval.void(session, actor, KIND, f"{row.device_id}/{row.rule_id}")


def list_waivers(session: AnySession, actor: Actor, query: Query = FIRST_PAGE) -> Page[WaiverRow]:
    """Return waivers, those waiting for a decision first, then those ending soonest."""
    return fetch(session, _visible(actor), WAIVERS, query, _row)


def standing_waiver(session: AnySession, device_id: int, rule_id: str) -> int | None:
    """Return the waiver of a rule on a device in force now that ends last, None without one."""
    statement = (
        select(Waiver.id)
        .join(Approval, Approval.id == Waiver.approval_id)
        .where(
            Waiver.device_id == device_id,
            Waiver.rule_id == rule_id,
            Approval.state == approval.State.APPROVED,
            Approval.expires_at > clock.now(),
        )
        .order_by(Approval.expires_at.desc(), Waiver.id.desc())
    )
    return session.scalar(statement.limit(1))


def in_force(at: datetime) -> ColumnElement[bool]:
    """Return the condition that a finding of `AuditFinding` of `AuditRun` was waived at `at`."""
    return exists(
        select(Waiver.id)
        .join(Approval, Approval.id == Waiver.approval_id)
        .where(
            Waiver.device_id == AuditRun.device_id,
            Waiver.rule_id == AuditFinding.rule_id,
            # One that ran out was in force before; one never decided has no time of decision.
            Approval.state.in_((approval.State.APPROVED, approval.State.EXPIRED)),
            Approval.decided_at <= at,
            Approval.expires_at > at,
        )
        .correlate(AuditRun, AuditFinding)
    )


def _check(session: AnySession, device: DeviceRow, wish: Wish) -> None:
    where, now = f"{wish.device}/{wish.rule_id}", clock.now()
    statement = select(Case.id).where(
        Case.device_id == device.id, Case.rule_id == wish.rule_id, Case.closed_at.is_(None)
    )
    problems = []
    if wish.rule_id != UNAUDITED and session.scalar(statement.limit(1)) is None:
        fix = "Audit it first; only what fails can be waived."
        problems.append(Problem(where, "rule", wish.rule_id, "does not fail there", fix))
    problems += [
        Problem(where, field, "", "is empty", "Say it in a sentence.")
        for field in ("reason", "measure")
        if not getattr(wish, field).strip()
    ]
    if not now < wish.ends_at <= now + LONGEST:
        fix = "Give a time to come, at most twelve months off."
        problems.append(
            Problem(where, "ends_at", wish.ends_at.isoformat(), "is past or too far off", fix)
        )
    if problems:
        raise InvalidInputError(problems)


def _digest(device: DeviceRow, wish: Wish) -> str:
    content = {
        "device": device.device_key,
        "rule": wish.rule_id,
        "reason": wish.reason,
        "measure": wish.measure,
        "ends_at": wish.ends_at.isoformat(),
        "pack": packs.load().sha256,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _scores(session: AnySession, device_id: int, rule_id: str) -> tuple[float | None, float | None]:
    newest = select(AuditRun.id).where(AuditRun.device_id == device_id)
    run = session.scalar(newest.order_by(AuditRun.id.desc()).limit(1))
    rows = session.execute(
        select(AuditFinding.rule_id, AuditFinding.verdict).where(AuditFinding.run_id == run)
    ).all()
    passed = sum(1 for _rule, verdict in rows if verdict == Verdict.PASS)
    failed = {rule for rule, verdict in rows if verdict == Verdict.FAIL}
    return _ratio(passed, len(failed)), _ratio(passed, len(failed - {rule_id}))


def _ratio(passed: int, failed: int) -> float | None:
    return passed / (passed + failed) if passed + failed else None


WAIVERS: Final = Order(
    {
        "device": Device.name,
        "rule": Waiver.rule_id,
        "state": Approval.state,
        "ends_at": Waiver.ends_at,
        "created_at": Waiver.created_at,
    },
    (
        (Approval.state == approval.State.PENDING).desc(),
        Waiver.ends_at.asc(),
        Waiver.id.asc(),
    ),
)


def _visible(actor: Actor) -> Select[Waiver, Approval, str]:
    acting = actor.acting(Permission.BASELINE_READ)
    return (
        select(Waiver, Approval, Device.name)
        .join(Approval, Approval.id == Waiver.approval_id)
        .join(Device, Device.id == Waiver.device_id)
        .where(scope.visible(acting, Waiver.scope_id))
    )


def _get(session: AnySession, actor: Actor, waiver_id: int) -> Waiver:
    found = session.execute(_visible(actor).where(Waiver.id == waiver_id)).first()
    if found is None:
        raise NotFoundError(f"there is no waiver {waiver_id}")
    return found[0]


def _row(waiver: Waiver, asked: Approval, device: str) -> WaiverRow:
    return WaiverRow(
        id=waiver.id,
        device=device,
        rule_id=waiver.rule_id,
        reason=waiver.reason,
        measure=waiver.measure,
        requester=asked.requester,
        created_at=waiver.created_at,
        ends_at=waiver.ends_at,
        state=approval.state_of(asked),
        decided_by=asked.decided_by,
        decided_at=asked.decided_at,
        comment=asked.comment,
        sha256=waiver.sha256,
        score_before=waiver.score_before,
        score_after=waiver.score_after,
    )
