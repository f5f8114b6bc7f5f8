"""The users that rotations left on devices: who stays where, and the change that removes them.

A rotation to another user proves the new login and leaves the old user alone. Its removal is
planned, approved and pushed by itself, only where the new login was proven and the old one opens
nothing any more. Who stays is read from the rotations themselves: nobody has to remember it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from hatang import clock, scope, secrets
from hatang.auth import Actor, Permission
from hatang.errors import ConflictError, InvalidInputError, NotFoundError, Problem
from inventory import platforms
from inventory.models import Device
from playbooks import vault
from playbooks.changes.ending import GOOD
from playbooks.changes.reading import require_visible
from playbooks.changes.rotating import REMOVES, no_way_to_remove, require_province
from playbooks.choices import Intent
from playbooks.models import Change, ChangeTarget

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from hatang.db import AnySession

WHERE: Final = "removal"
LOGINS: Final = frozenset({"ssh", "http"})
"""Kinds of credentials whose user is one of the device's configuration."""


@dataclass(frozen=True, slots=True)
class LeftUser:
    """A user that the change `rotation` left on a device, which hatang no longer logs in as.

    `since` is when the new login was proven, `days` how long that is ago; `removal` a change that
    was to remove it, if any.
    """

    rotation: int
    device: str
    username: str
    since: datetime
    days: int
    removal: int | None


def list_left(session: AnySession, actor: Actor) -> list[LeftUser]:
    """Return the users that rotations left on devices the actor sees, the oldest first.

    Raises:
        DeniedError: the actor may not write credentials.
    """
    acting = actor.acting(Permission.CREDENTIAL_WRITE)
    left, removals = _left(session), _removals(session)
    users = {one.name: one.username for one in secrets.list_all(session) if one.kind in LOGINS}
    rows = session.execute(
        select(
            ChangeTarget.change_id,
            ChangeTarget.device_id,
            ChangeTarget.finished_at,
            Device.name,
            Device.credentials,
        )
        .join(Change, Change.id == ChangeTarget.change_id)
        .join(Device, Device.id == ChangeTarget.device_id)
        .where(Change.intent == Intent.ROTATION, ChangeTarget.state.in_(GOOD))
        .where(scope.visible(acting, Device.scope_id))
        .order_by(ChangeTarget.finished_at, Device.name)
    )
    found = []
    for rotation, device_id, since, device, held in rows:
        username = left.get(rotation, {}).get(str(device_id))
        number, state = removals.get((rotation, device_id), (None, ""))
        if username is None or since is None or state in GOOD:
            continue
        if username in {users.get(name) for name in held.values()}:
            continue  # somebody put it to use again: it is no leftover but a login
        days = (clock.now() - since).days
        found.append(LeftUser(rotation, device, username, since, days, number))
    return found


def _left(session: AnySession) -> dict[int, dict[str, str]]:
    """Return whom each rotation left, by device: read once, for it names all its devices."""
    rows = session.execute(select(Change.id, Change.origin).where(Change.intent == Intent.ROTATION))
    return {number: left for number, origin in rows if (left := origin.get("left"))}


def _removals(session: AnySession) -> dict[tuple[int, int], tuple[int, str]]:
    """Return the newest removal of each rotation's user on each device, and how it stands."""
    rows = session.execute(
        select(Change.id, Change.origin, ChangeTarget.device_id, ChangeTarget.state)
        .join(ChangeTarget, ChangeTarget.change_id == Change.id)
        .where(Change.intent == Intent.REMOVAL)
        .order_by(Change.id)
    )
    return {
        (origin["rotation"], device_id): (number, state)
        for number, origin, device_id, state in rows
    }


def removal(
    session: AnySession, actor: Actor, rotation: int, names: Sequence[str]
) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the lines that remove the user a rotation left on `names`, or on all its devices.

    Raises:
        DeniedError: the actor may not write credentials of the whole province.
        NotFoundError: there is no such change, or the actor may not know of it.
        InvalidInputError: it is no rotation that left a user, or on a device the new login was
            not proven, the old user still opens it, or no other administrator is known there.
    """
    require_province(actor)
    require_visible(session, actor, rotation)
    change = session.get_one(Change, rotation)
    left: dict[str, str] = {}
    if change.intent == Intent.ROTATION:
        left = change.origin.get("left", {})
    if not left:
        fix = "See hatang change old-users."
        problem = Problem(WHERE, "rotation", str(rotation), "left no user on any device", fix)
        raise InvalidInputError([problem])
    devices = {
        device.name: device
        for device in session.scalars(select(Device).where(Device.id.in_(map(int, left))))
    }
    problems: list[Problem] = []
    texts: dict[str, str] = {}
    for name in sorted(set(names) or devices):
        device = devices.get(name)
        if device is None:
            fix = "Name devices of that rotation only."
            problems.append(Problem(WHERE, "devices", name, "was not rotated there", fix))
            continue
        lines = platforms.get(device.platform).set_lines(REMOVES, {"name": left[str(device.id)]})
        if lines is None:  # another platform by now
            problems.append(no_way_to_remove(WHERE, name, device.platform))
            continue
        problems += _hindrances(session, change, device)
        texts[name] = f"{lines}\n"
    if problems:
        raise InvalidInputError(problems)
    return texts, {"rotation": rotation}


def require_removable(session: AnySession, change: Change, device_id: int) -> None:
    """Refuse what may not be pushed any more: much happens between a plan and its window.

    Raises:
        ConflictError: the rotation was taken back, or the user opens the device again.
    """
    if change.intent != Intent.REMOVAL:
        return
    rotation = session.get_one(Change, change.origin["rotation"])
    for problem in _hindrances(session, rotation, session.get_one(Device, device_id)):
        raise ConflictError(problem.message, fix=problem.fix)


def _hindrances(session: AnySession, rotation: Change, device: Device) -> Iterator[Problem]:
    """Yield why the user that `rotation` left on a device must stay there for now."""
    username = rotation.origin["left"][str(device.id)]
    proven = select(ChangeTarget.state).where(
        ChangeTarget.change_id == rotation.id, ChangeTarget.device_id == device.id
    )
    if session.scalar(proven) not in GOOD:
        fix = "Leave it out until its rotation has ended well."
        yield Problem(WHERE, "devices", device.name, "has not proven its new login", fix)
        return
    for user, use in _logins(session, device.id):
        if user == username:
            message = f"is opened by {use} as {username}, who would be removed"
            fix = f"Give credentials.{use} another login first."
            yield Problem(WHERE, "devices", device.name, message, fix)
    if not _administrators(session, device) - {username}:
        message = f"has no other administrator than {username} that the vault knows of"
        fix = f"Collect it first: hatang vault collect {device.name}."
        yield Problem(WHERE, "devices", device.name, message, fix)


def _logins(session: AnySession, device_id: int) -> Iterator[tuple[str, str]]:
    """Yield as which users hatang opens the device, each with the way in."""
    for use, name in sorted(session.get_one(Device, device_id).credentials.items()):
        try:
            held = secrets.get(session, name)
        except NotFoundError:
            continue  # it opens nothing now
        if held.kind in LOGINS:
            yield held.username, use


def _administrators(session: AnySession, device: Device) -> set[str]:
    system = Actor.system(WHERE)
    try:
        newest = vault.latest(session, system, device.id)
    except NotFoundError:
        return set()
    _row, text = vault.read(session, system, newest.id)
    return platforms.get(device.platform).administrators_in(text)
