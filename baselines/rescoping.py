"""Audits, cases and waivers follow their device to the unit it belongs to now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update

from baselines.models import AuditRun, Case, Waiver
from inventory.models import Device

if TYPE_CHECKING:
    from hatang.db import WriteSession

FOLLOWING: Final = (AuditRun, Case, Waiver)


class AuditScopes:
    """Fills the gate SCOPE."""

    def follow(self, session: WriteSession) -> None:
        """Give every audit, case and waiver the scope of its device."""
        for model in FOLLOWING:
            now = select(Device.scope_id).where(Device.id == model.device_id).scalar_subquery()
            session.execute(
                update(model)
                .where(model.scope_id != now)
                .values(scope_id=now)
                .execution_options(synchronize_session=False)
            )
