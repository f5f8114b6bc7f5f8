"""Old audits with their findings; the newest of each device stays, however old it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, and_, func, select

from baselines.models import AuditFinding, AuditRun
from hatang.retention import Policy, keep

if TYPE_CHECKING:
    from datetime import datetime


def _doomed(before: datetime) -> ColumnElement[bool]:
    newest = select(func.max(AuditRun.id)).group_by(AuditRun.device_id)
    return and_(AuditRun.finished_at < before, AuditRun.id.not_in(newest))


AUDITS: Final = keep(
    Policy(
        name="baselines.audits",
        days=lambda settings: settings.retention.audits_days,
        key=AuditRun.id,
        doomed=_doomed,
        parts=(AuditFinding.run_id,),
    )
)
