"""Times in which nothing is changed at a unit, a site or a device: its calendar says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from hatang import audit, calendar, clock, scope
from hatang.auth import Permission
from hatang.calendar import CalendarEntry
from hatang.errors import DeniedError, InvalidInputError, NotFoundError, Problem
from inventory.models import Device, Site, Unit
from playbooks.changes.bookings import FREEZE, named

if TYPE_CHECKING:
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession

_KEYS: Final = {
    "unit": (Unit.code, Unit.scope_id),
    "site": (Site.slug, Site.scope_id),
    "device": (Device.device_key, Device.scope_id),
}


@dataclass(frozen=True, slots=True)
class Freeze:
    """A time in which nothing is changed at `element`, such as `unit:xa-01`.

    `name` is the element as people call it: a device by its name, `element` has its key.
    """

    id: int
    element: str
    name: str
    starts_at: datetime
    ends_at: datetime
    reason: str


def freeze(
    session: WriteSession,
    actor: Actor,
    element: str,
    times: tuple[datetime, datetime],
    reason: str,
) -> int:
    """Let nothing be changed at `element` between the two times; returns the freeze's id.

    A device may be given by its key or its name.

    Raises:
        InvalidInputError: it is no unit, site or device, the times are wrong, or no reason.
        DeniedError: the actor may not ask for changes there.
    """
    starts_at, ends_at = times
    problems = []
    given, element = element, _with_key(session, element)
    found = _scope_of(session, element)
    if found is None:
        fix = "Name unit:CODE, site:SLUG or device:NAME."
        problems.append(Problem("freeze", "element", given, "is not in the inventory", fix))
    if ends_at <= starts_at or ends_at <= clock.now():
        shown = f"{ends_at:%Y-%m-%d %H:%M} UTC"
        problems.append(
            Problem("freeze", "ends_at", shown, "is past, or before the start", "Move it.")
        )
    if not reason.strip():
        problems.append(Problem("freeze", "reason", "", "is empty", "Say why."))
    if problems:
        raise InvalidInputError(problems)
    if not scope.reaches(session, actor.acting(Permission.CHANGE_REQUEST), found):
        raise DeniedError(f"{actor.name} may not freeze {given}")
    number = calendar.book(
        session, element, starts_at, ends_at, FREEZE, source=f"freeze/{actor.name}", title=reason
    )
    detail = {"element": element, "starts_at": str(starts_at), "ends_at": str(ends_at)}
    audit.record(session, actor, "change.freeze", f"freeze/{number}", detail)
    return number


def thaw(session: WriteSession, actor: Actor, number: int) -> None:
    """End a freeze now; raises NotFoundError where there is none the actor may end."""
    entry = session.get(CalendarEntry, number)
    acting = actor.acting(Permission.CHANGE_REQUEST)
    if (
        entry is None
        or entry.kind != FREEZE
        or entry.cancelled_at is not None
        or not scope.reaches(session, acting, _scope_of(session, entry.element))
    ):
        raise NotFoundError(f"there is no freeze {number}")
    entry.cancelled_at = clock.now()
    audit.record(session, actor, "change.thaw", f"freeze/{number}", {"element": entry.element})


def list_freezes(session: AnySession, actor: Actor) -> list[Freeze]:
    """Return the freezes that are not over, earliest first, where the actor may read changes."""
    acting = actor.acting(Permission.CHANGE_READ)
    entries = session.scalars(
        select(CalendarEntry)
        .where(CalendarEntry.kind == FREEZE, CalendarEntry.cancelled_at.is_(None))
        .where(CalendarEntry.ends_at > clock.now())
        .order_by(CalendarEntry.starts_at, CalendarEntry.id)
    )
    return [
        Freeze(
            id=one.id,
            element=one.element,
            name=named(session, one.element),
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            reason=one.title,
        )
        for one in entries
        if scope.reaches(session, acting, _scope_of(session, one.element))
    ]


def _with_key(session: AnySession, element: str) -> str:
    """Return the element with the key of its device where it has the device's name."""
    kind, _, name = element.partition(":")
    if kind != "device" or _scope_of(session, element) is not None:
        return element
    key = session.scalar(select(Device.device_key).where(Device.name == name))
    return element if key is None else f"{kind}:{key}"


def _scope_of(session: AnySession, element: str) -> int | None:
    kind, _, key = element.partition(":")
    if kind not in _KEYS:
        return None
    column, scope_id = _KEYS[kind]
    return session.scalar(select(scope_id).where(column == key))
