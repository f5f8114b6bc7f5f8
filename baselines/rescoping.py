"""Audits, cases and waivers follow their device to the unit it belongs to now, answers too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import literal, select, update

from baselines.models import Answer, AuditRun, Case, Review, ServerScan, Waiver
from inventory.models import Device, Service, Unit

if TYPE_CHECKING:
    from hatang.db import WriteSession

FOLLOWING: Final = (AuditRun, Case, Review, ServerScan, Waiver)


class AuditScopes:
    """Fills the gate SCOPE."""

    def follow(self, session: WriteSession) -> None:
        """Give what stands over a device its scope, every answer that of its subject."""
        for model in FOLLOWING:
            now = select(Device.scope_id).where(Device.id == model.device_id).scalar_subquery()
            session.execute(
                update(model)
                .where(model.scope_id != now)
                .values(scope_id=now)
                .execution_options(synchronize_session=False)
            )
        for kind, asked in (("unit:", Unit), ("system:", Service)):
            now = (
                select(asked.scope_id)
                .where(Answer.subject == literal(kind) + asked.code)
                .scalar_subquery()
            )
            session.execute(
                update(Answer)
                .where(Answer.subject.startswith(kind), now.is_not(None), Answer.scope_id != now)
                .values(scope_id=now)
                .execution_options(synchronize_session=False)
            )
