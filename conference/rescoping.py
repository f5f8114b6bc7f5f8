"""Meetings follow their bridge to the unit it belongs to now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from conference.models import Meeting
from inventory.models import Bridge

if TYPE_CHECKING:
    from hatang.db import WriteSession


class MeetingScopes:
    """Fills the gate SCOPE."""

    def follow(self, session: WriteSession) -> None:
        """Give every meeting the scope of its bridge."""
        now = select(Bridge.scope_id).where(Bridge.id == Meeting.bridge_id).scalar_subquery()
        session.execute(
            update(Meeting)
            .where(Meeting.scope_id != now)
            .values(scope_id=now)
            .execution_options(synchronize_session=False)
        )
