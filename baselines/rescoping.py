"""Audits follow their device to the unit it belongs to now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from baselines.models import AuditRun
from inventory.models import Device

if TYPE_CHECKING:
    from hatang.db import WriteSession


class AuditScopes:
    """Fills the gate SCOPE."""

    def follow(self, session: WriteSession) -> None:
        """Give every audit the scope of its device."""
        now = select(Device.scope_id).where(Device.id == AuditRun.device_id).scalar_subquery()
        session.execute(
            update(AuditRun)
            .where(AuditRun.scope_id != now)
            .values(scope_id=now)
            .execution_options(synchronize_session=False)
        )
