"""Whether a schedule may start a run now: its approval, its requester's rights, its devices.

Everything is loaded anew each time. Names of persons stand in no reason: reasons are kept for long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from hatang import approval, scope
from hatang.auth import Actor, Permission
from hatang.auth.models import User
from hatang.auth.users import actor_of
from hatang.errors import ConflictError, InvalidInputError, NotFoundError, Problem
from inventory.models import Device
from playbooks.changes.selecting import select_devices
from playbooks.runs import service as runs
from playbooks.schedules.binding import CHANGED, SUBJECT, Part, parts, plan_hash, selection

if TYPE_CHECKING:
    from hatang.db import AnySession
    from inventory.rows import DeviceRow
    from playbooks.changes.selecting import Selection
    from playbooks.models import PlaybookSchedule

SYSTEM: Final = Actor.system("schedule")


def require_ready(session: AnySession, schedule: PlaybookSchedule) -> tuple[Actor, list[DeviceRow]]:
    """Return who asked, with the rights of now, and the devices, when a run may be started.

    Raises:
        ConflictError: naming why not, in a sentence that may be kept and shown.
    """
    actor = _requester(session, schedule)
    _require_approved(session, schedule)
    try:
        rows = select_devices(session, SYSTEM, selection(schedule))
        _require_reach(session, actor, schedule, rows)
        names = [row.name for row in rows]
        runs.require_runnable(session, actor, schedule.playbook, names, schedule.parameters)
    except InvalidInputError as error:
        problem = error.problems[0]
        told = f"{problem.field} {problem.value}: {problem.message}"
        raise ConflictError(told, fix=problem.fix) from error
    return actor, rows


def undermined(session: AnySession, schedule: PlaybookSchedule) -> str:
    """Return why a schedule may no longer stand; empty when a run of it may be started."""
    try:
        require_ready(session, schedule)
    except ConflictError as error:
        return error.message
    return ""


def require_within(session: AnySession, actor: Actor, chosen: Selection) -> list[DeviceRow]:
    """Return the devices that `actor` chooses, when the choice reaches no others.

    Raises:
        InvalidInputError: something of it is unknown, or others match as well, which he may not
            change: then it would mean less than it says, and more once he may.
    """
    rows = select_devices(session, actor, chosen)
    if len(select_devices(session, SYSTEM, chosen)) != len(rows):
        message = "matches devices you may not change too"
        fix = "Name the unit or the site as well."
        raise InvalidInputError([Problem("schedule", "targets", "", message, fix)])
    return rows


def changed(session: AnySession, schedule: PlaybookSchedule) -> str:
    """Return what of the schedule is no longer as it was asked for; empty when nothing is."""
    try:
        found = parts(session, schedule)
    except NotFoundError:
        return CHANGED[Part.PLAYBOOK]
    if plan_hash(found) == schedule.plan_sha256:
        return ""
    differing = [part for part in Part if found[part] != schedule.parts.get(part)]
    return CHANGED[differing[0]] if differing else "it is no longer what was approved"


def _requester(session: AnySession, schedule: PlaybookSchedule) -> Actor:
    user = None if schedule.requester_id is None else session.get(User, schedule.requester_id)
    if user is None or not user.is_active:
        raise ConflictError("the account of who asked is disabled")
    actor = actor_of(session, user)
    if not actor.may(Permission.CHANGE_EXECUTE):
        raise ConflictError("who asked may no longer run playbooks")
    return actor


def _require_approved(session: AnySession, schedule: PlaybookSchedule) -> None:
    told = changed(session, schedule)
    if told:
        raise ConflictError(told)
    try:
        approval.require_approved(session, SUBJECT, str(schedule.id), schedule.plan_sha256)
    except ConflictError as error:
        raise ConflictError("its approval is no longer in force") from error


def _require_reach(
    session: AnySession, actor: Actor, schedule: PlaybookSchedule, rows: list[DeviceRow]
) -> None:
    acting = actor.acting(Permission.CHANGE_EXECUTE)
    top = schedule.scope_id
    covered = None if top is None else scope.descendants(session, top)
    visible = scope.visible(acting, Device.scope_id)
    ids = [row.id for row in rows]
    reached = set(session.scalars(select(Device.id).where(Device.id.in_(ids), visible)))
    for row in rows:
        if row.id not in reached:
            raise ConflictError(f"who asked may no longer run playbooks on {row.name}")
        if covered is not None and row.scope_id not in covered:
            raise ConflictError(f"{row.name} matches now and lies beyond what was approved")
