"""What hatang itself changed lately on a device, as a hint at the cause of a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from api.web import change_words
from hatang.gates import Hint
from hatang.i18n import _
from inventory.models import Device
from playbooks.models import Change, ChangeTarget

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from hatang.db import AnySession


class ChangeHints:
    """The cause gate over change sets."""

    def hints(
        self, session: AnySession, elements: Sequence[str], since: datetime, until: datetime
    ) -> Sequence[Hint]:
        """Return pushes that began on these devices within the time, earliest first."""
        wanted = {each.partition(":")[2] for each in elements if each.startswith("device:")}
        rows = session.execute(
            select(Device.device_key, ChangeTarget.started_at, ChangeTarget.state, Change)
            .join(ChangeTarget, ChangeTarget.device_id == Device.id)
            .join(Change, Change.id == ChangeTarget.change_id)
            .where(Device.device_key.in_(wanted))
            .where(ChangeTarget.started_at >= since, ChangeTarget.started_at <= until)
            .order_by(ChangeTarget.started_at)
        )
        return [
            Hint(
                element=f"device:{key}",
                at=at,
                text=_("%(title)s (%(state)s), by %(requester)s")
                % {
                    "title": change.title,
                    "state": change_words.target_state(state).word,
                    "requester": change.requester,
                },
                source="changes",
                link=f"/changes/{change.id}",
            )
            for key, at, state, change in rows
            if at is not None
        ]
