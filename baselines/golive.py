"""The gate before operation: nothing goes live with an open critical or high finding.

Decree 331/2026/NĐ-CP, Art. 28.3 and 30.6: measures are deployed and assessed before use. A failure
under a waiver in force does not stand in the way; a critical or high rule that could not be judged
does. A device that nobody audited, and a rule that is unknown or asks a person, hold nothing up:
they are told in the score, not here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from baselines.choices import Severity
from baselines.models import AuditFinding, AuditRun
from baselines.service.reading import newest_of_all, shown_verdict
from hatang import clock
from hatang.gates import Finding, Verdict
from inventory.golive import LIVE
from inventory.models import Device, Service, ServiceDevice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.db import AnySession

STOPPING: Final = (Severity.CRITICAL.value, Severity.HIGH.value)
SOURCE: Final = "baselines"
_REFUSED: Final = {Verdict.FAIL.value: "fails", Verdict.ERROR.value: "could not be judged"}


class GoLive:
    """Fills the gate STATUS."""

    def check(self, session: AnySession, element: str, status: str) -> Sequence[Finding]:
        """Return what critical and high rules hold against `device:NAME`, or below a service."""
        kind, _, key = element.partition(":")
        if status != LIVE or kind not in {"device", "service"}:
            return []
        shown = shown_verdict(clock.now())
        statement = (
            select(Device.name, AuditFinding.rule_id, AuditFinding.severity, shown)
            .select_from(AuditFinding)
            .join(AuditRun, AuditRun.id == AuditFinding.run_id)
            .join(Device, Device.id == AuditRun.device_id)
            .where(
                newest_of_all(None),
                AuditFinding.severity.in_(STOPPING),
                shown.in_(_REFUSED),
            )
            .order_by(Device.name, AuditFinding.rule_id)
        )
        if kind == "device":
            statement = statement.where(Device.name == key)
        else:
            used = select(ServiceDevice.device_id).join(
                Service, Service.id == ServiceDevice.service_id
            )
            statement = statement.where(Device.id.in_(used.where(Service.code == key)))
        return [
            Finding(
                f"device:{name}",
                Verdict(verdict),
                f"{rule} ({severity}) {_REFUSED[verdict]}",
                SOURCE,
            )
            for name, rule, severity, verdict in session.execute(statement)
        ]
