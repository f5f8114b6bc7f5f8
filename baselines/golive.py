"""The gate before operation: nothing goes live with an open critical or high finding, or unaudited.

Decree 331/2026/NĐ-CP, Art. 28.3 and 30.6: measures are deployed and assessed before use. A failure
under a waiver in force does not stand in the way; a critical or high rule that could not be judged
does, and so does a device without an audit of the last days, unless that is waived too. A device
whose configuration hatang cannot fetch or read is not asked for one, and a rule that is unknown or
asks a person holds nothing up: they are told in the score, not here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from baselines.choices import UNAUDITED, Severity
from baselines.models import AuditFinding, AuditRun
from baselines.parsing.dialects import of_platform
from baselines.service.reading import newest_of_all, shown_verdict
from baselines.service.waiving import standing_waiver
from hatang import clock
from hatang.gates import Finding, Verdict
from inventory.golive import LIVE
from inventory.models import Device, Service, ServiceDevice
from playbooks.vault.rounds import is_collected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from hatang.db import AnySession

STOPPING: Final = (Severity.CRITICAL.value, Severity.HIGH.value)
SOURCE: Final = "baselines"
_REFUSED: Final = {Verdict.FAIL.value: "fails", Verdict.ERROR.value: "could not be judged"}


class GoLive:
    """Fills the gate STATUS; an audit holds for so many `days`, and 0 asks for none."""

    def __init__(self, days: int = 0) -> None:
        self._days = days

    def check(self, session: AnySession, element: str, status: str) -> Sequence[Finding]:
        """Return what stands against `device:NAME`, or against a service by what is below it."""
        kind, _, key = element.partition(":")
        if status != LIVE or kind not in {"device", "service"}:
            return []
        part = Device.name == key if kind == "device" else _below(key)
        return [*self._unaudited(session, part), *_failing(session, part)]

    def _unaudited(self, session: AnySession, part: ColumnElement[bool]) -> Iterator[Finding]:
        if not self._days:
            return
        since = clock.now() - timedelta(days=self._days)
        newest = (
            select(AuditRun.device_id, func.max(AuditRun.finished_at).label("at"))
            .group_by(AuditRun.device_id)
            .subquery()
        )
        statement = (
            select(Device, newest.c.at)
            .outerjoin(newest, newest.c.device_id == Device.id)
            .where(part, newest.c.at.is_(None) | (newest.c.at < since))
            .order_by(Device.name)
        )
        for device, at in session.execute(statement):
            can_be = of_platform(device.platform) and is_collected(device)
            if can_be and standing_waiver(session, device.id, UNAUDITED) is None:
                yield Finding(f"device:{device.name}", Verdict.UNKNOWN, _why(device, at), SOURCE)


def _why(device: Device, at: datetime | None) -> str:
    said = "was never audited" if at is None else f"was last audited on {at.date().isoformat()}"
    name = device.name
    return (
        f"{said}: run `hatang backup run --devices {name}` and"
        f" `hatang baseline run --devices {name}`, or have {UNAUDITED} waived"
    )


def _below(code: str) -> ColumnElement[bool]:
    used = select(ServiceDevice.device_id).join(Service, Service.id == ServiceDevice.service_id)
    return Device.id.in_(used.where(Service.code == code))


def _failing(session: AnySession, part: ColumnElement[bool]) -> Iterator[Finding]:
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
            part,
        )
        .order_by(Device.name, AuditFinding.rule_id)
    )
    for name, rule, severity, verdict in session.execute(statement):
        said = f"{rule} ({severity}) {_REFUSED[verdict]}"
        yield Finding(f"device:{name}", Verdict(verdict), said, SOURCE)
