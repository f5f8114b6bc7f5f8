"""No push while a conference is booked over the places a change touches."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from hatang import calendar, clock, scope
from hatang.errors import ConflictError
from inventory.models import Bridge, Device, Site, Unit
from playbooks.changes.push import MARGIN_SECONDS

if TYPE_CHECKING:
    from collections.abc import Collection

    from hatang.db import AnySession

FREEZE: Final = "freeze"
# The kinds of booking that nothing may be pushed over; a window for work is none of them.
EXCLUSIVE: Final = ("meeting", FREEZE)


def require_clear(session: AnySession, device_ids: Collection[int], revert_seconds: int) -> None:
    """Return when nothing is booked until a push begun now is confirmed or taken back.

    A device is booked by itself, with its site, with the bridges that stand at its site, and with
    each unit it belongs to.

    Raises:
        ConflictError: naming the booking.
    """
    start = clock.now()
    end = start + timedelta(seconds=revert_seconds + MARGIN_SECONDS)
    booked = calendar.overlapping(session, None, start, end, EXCLUSIVE)
    if not booked:  # as nearly always: what stands where need not be looked up then
        return
    elements = set(booked_elements(session, device_ids))
    found = [one for one in booked if one.element in elements]
    if found:
        first = found[0]
        times = f"{first.starts_at:%Y-%m-%d %H:%M} to {first.ends_at:%Y-%m-%d %H:%M} UTC"
        element = named(session, first.element)
        raise ConflictError(
            f"{element} is booked from {times} for {first.title or first.source}",
            fix="Start the change when the booking is over.",
        )


def booked_elements(session: AnySession, device_ids: Collection[int]) -> list[str]:
    """Return what stands in the calendar for these devices."""
    sites = select(Device.site_id).where(Device.id.in_(device_ids))
    slugs = session.scalars(select(Site.slug).where(Site.id.in_(sites)))
    beside = select(Device.id).where(Device.site_id.in_(sites))
    bridges = session.scalars(select(Bridge.code).where(Bridge.device_id.in_(beside)))
    keys = session.scalars(select(Device.device_key).where(Device.id.in_(device_ids)))
    scopes = session.scalars(select(Device.scope_id).where(Device.id.in_(device_ids)).distinct())
    above = {one for each in scopes for one in (each, *scope.ancestors(session, each))}
    units = session.scalars(select(Unit.code).where(Unit.scope_id.in_(above)))
    return [
        *(f"unit:{code}" for code in units),
        *(f"device:{key}" for key in keys),
        *(f"site:{slug}" for slug in slugs),
        *(f"bridge:{code}" for code in bridges),
    ]


def named(session: AnySession, element: str) -> str:
    """Return an element of the calendar as people call it: a device by its name, not its key."""
    kind, _, key = element.partition(":")
    if kind != "device":
        return element
    name = session.scalar(select(Device.name).where(Device.device_key == key))
    return element if name is None else f"{kind}:{name}"
