"""Devices that speak SSH with SHA-1 only: a failure of MGT-03, spoken to while that is waived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from baselines import packs
from baselines.judging import LEGACY_RULE as RULE
from baselines.models import Case
from baselines.service.cases import GRACE
from baselines.service.waiving import standing_waiver
from hatang import audit, clock
from hatang.auth import Actor

if TYPE_CHECKING:
    from hatang.db import AnySession, WriteSession


class WaivedLegacySsh:
    """Fills the gate LEGACY_SSH with the waivers of MGT-03."""

    def allowed(self, session: AnySession, device_id: int) -> str:
        """Return the waiver in force that ends last; empty when there is none."""
        found = standing_waiver(session, device_id, RULE)
        return "" if found is None else f"waiver/{found}"

    def seen(self, session: WriteSession, device_id: int, scope_id: int) -> None:
        """Open the case of MGT-03 on this device unless one stands."""
        standing = select(Case.id).where(
            Case.device_id == device_id, Case.rule_id == RULE, Case.closed_at.is_(None)
        )
        if session.scalar(standing.limit(1)) is not None:
            return
        severity, now = packs.load().rule(RULE).severity, clock.now()
        session.add(
            Case(
                scope_id=scope_id,
                device_id=device_id,
                rule_id=RULE,
                severity=severity,
                opened_at=now,
                due_at=now + GRACE[severity],
                closed_at=None,
                assignee="",
                change_id=None,
            )
        )
        detail = {"rule": RULE, "reason": "SSH offers SHA-1 only"}
        audit.record(
            session, Actor.system("vault"), "baseline.legacy-ssh", f"device/{device_id}", detail
        )
