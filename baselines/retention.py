"""Old audits with their findings; the newest of each device stays, however old it is.

So does the newest of hatang itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, and_, func, select

from baselines.models import AuditFinding, AuditRun, SelfAudit, ServerScan
from hatang.retention import Policy, keep

if TYPE_CHECKING:
    from datetime import datetime


def _doomed(before: datetime) -> ColumnElement[bool]:
    newest = select(func.max(AuditRun.id)).group_by(AuditRun.device_id)
    return and_(AuditRun.finished_at < before, AuditRun.id.not_in(newest))


def _doomed_own(before: datetime) -> ColumnElement[bool]:
    newest = select(func.max(SelfAudit.id)).scalar_subquery()
    return and_(SelfAudit.finished_at < before, SelfAudit.id != newest)


SCANS: Final = keep(
    Policy(
        name="baselines.server-scans",
        days=lambda settings: settings.retention.audits_days,
        key=ServerScan.id,
        doomed=lambda before: ServerScan.created_at < before,
    )
)
SELF_AUDITS: Final = keep(
    Policy(
        name="baselines.self-audits",
        days=lambda settings: settings.retention.audits_days,
        key=SelfAudit.id,
        doomed=_doomed_own,
    )
)
AUDITS: Final = keep(
    Policy(
        name="baselines.audits",
        days=lambda settings: settings.retention.audits_days,
        key=AuditRun.id,
        doomed=_doomed,
        parts=(AuditFinding.run_id,),
    )
)
