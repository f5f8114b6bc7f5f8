"""States and their history follow their element to the unit it belongs to now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from inventory.models import Device, Service
from monitors.models import ElementRow, HintRow, TransitionRow

if TYPE_CHECKING:
    from hatang.db import WriteSession


class ElementScopes:
    """Fills the gate SCOPE: devices by their key, services by their code."""

    def follow(self, session: WriteSession) -> None:
        """Give states, then transitions, the scope of their device or service."""
        of_device = select(Device.scope_id).where(Device.device_key == ElementRow.owner)
        of_service = select(Service.scope_id).where(Service.code == ElementRow.owner)
        owner = func.coalesce(of_device.scalar_subquery(), of_service.scalar_subquery())
        session.execute(
            update(ElementRow)
            .where(owner.is_not(None), ElementRow.scope_id.is_distinct_from(owner))
            .values(scope_id=owner)
            .execution_options(synchronize_session=False)
        )
        now = select(ElementRow.scope_id).where(ElementRow.element == TransitionRow.element)
        state = now.scalar_subquery()
        session.execute(
            update(TransitionRow)
            .where(state.is_not(None), TransitionRow.scope_id.is_distinct_from(state))
            .values(scope_id=state)
            .execution_options(synchronize_session=False)
        )
        of_hint = select(Device.scope_id).where(Device.device_key == HintRow.owner)
        device = of_hint.scalar_subquery()
        session.execute(
            update(HintRow)
            .where(device.is_not(None), HintRow.scope_id.is_distinct_from(device))
            .values(scope_id=device)
            .execution_options(synchronize_session=False)
        )
