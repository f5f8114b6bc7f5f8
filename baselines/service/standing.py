"""Whether a device counted at a time: what was retired in June still counts in a report of May."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, case, exists, func, select

from baselines.models import Standing
from hatang import clock
from inventory.choices import DeviceStatus
from inventory.models import Device

if TYPE_CHECKING:
    from datetime import datetime

    from hatang.db import WriteSession

COUNTING: Final = DeviceStatus.ACTIVE.value


def follow(session: WriteSession) -> int:
    """Write down each device's status where it is another than last time; returns how many."""
    newest = select(func.max(Standing.id)).group_by(Standing.device_id)
    known = select(Standing.device_id, Standing.status).where(Standing.id.in_(newest)).subquery()
    statement = (
        select(Device.id, Device.status)
        .outerjoin(known, known.c.device_id == Device.id)
        .where(Device.status.is_distinct_from(known.c.status))
    )
    moved = session.execute(statement).all()
    now = clock.now()
    session.add_all(Standing(device_id=one, status=status, since=now) for one, status in moved)
    return len(moved)


def counts(at: datetime | None) -> ColumnElement[bool]:
    """Return the condition that a `Device` is in operation, now or as was known at `at`.

    Before the first look at the fleet its devices stood as they were then first seen; what was
    added later did not count before.
    """
    if at is None:
        return Device.status == COUNTING
    of_device = select(Standing.status).where(Standing.device_id == Device.id)
    then = of_device.where(Standing.since <= at).order_by(Standing.id.desc()).limit(1)
    first_look = select(func.min(Standing.since)).scalar_subquery()
    first = of_device.where(Standing.since == first_look).order_by(Standing.id).limit(1)
    known = func.coalesce(
        then.correlate(Device).scalar_subquery(), first.correlate(Device).scalar_subquery(), ""
    )
    was_seen = exists(of_device.correlate(Device))
    return case((was_seen, known), else_=Device.status) == COUNTING
