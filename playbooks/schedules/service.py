"""Asking for a schedule, deciding on it, and holding it: none of its runs is asked for singly."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select

from hatang import approval, audit, clock, events, scope
from hatang.auth import Permission
from hatang.calendar import recurrence
from hatang.errors import ConflictError, InvalidInputError, NotFoundError, Problem
from playbooks.catalogue import playbook
from playbooks.choices import ScheduleState
from playbooks.models import PlaybookSchedule
from playbooks.runs import service as runs
from playbooks.schedules.binding import SUBJECT, parts, plain, plan_hash, selection
from playbooks.schedules.readiness import SYSTEM, changed, require_ready, require_within

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hatang.auth import Actor
    from hatang.calendar.recurrence import Rule
    from hatang.db import WriteSession
    from playbooks.changes.selecting import Selection

STOPPED: Final = "playbooks.schedule-stopped"
MOST: Final = 366
"""Times a schedule may come to: each night of the year its approval may hold."""
LONGEST: Final = timedelta(days=366)
"""How far away the last day may lie; a standard change holds as long."""


@dataclass(frozen=True, slots=True)
class ScheduleDraft:
    """Which playbook is to run on what and when; `rule` is in the local time of `timezone`.

    Its minutes are how long the window of each time is open: within it the run may begin.
    """

    playbook: str
    targets: Selection
    rule: Rule
    timezone: str
    reason: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    is_check_mode: bool = False


def propose(session: WriteSession, actor: Actor, draft: ScheduleDraft) -> int:
    """Write a schedule down and ask for its approval; returns its id.

    Raises:
        DeniedError: the actor may not run playbooks.
        NotFoundError: no such playbook.
        InvalidInputError: all that is wrong with its timing, or with its targets and parameters.
        ConflictError: it is for network devices, and Ansible's collections for them are not there.
    """
    acting = actor.acting(Permission.CHANGE_EXECUTE)
    playbook(draft.playbook)
    wrong = [*_timing_problems(draft), *_reason_problems(draft.reason)]
    if wrong:
        raise InvalidInputError(wrong)
    rows = require_within(session, acting, draft.targets)
    names = [row.name for row in rows]
    values, _rows = runs.require_runnable(session, actor, draft.playbook, names, draft.parameters)
    schedule = PlaybookSchedule(
        scope_id=scope.common(session, {row.scope_id for row in rows}),
        playbook=draft.playbook,
        parameters=values,
        is_check_mode=draft.is_check_mode,
        targets=plain(draft.targets),
        recurrence=recurrence.plain(draft.rule),
        timezone=draft.timezone,
        reason=draft.reason.strip(),
        created_at=clock.now(),
        ends_at=recurrence.windows(draft.rule, draft.timezone)[-1][1],
    )
    _ask(session, actor, schedule)
    detail = {
        "playbook": schedule.playbook,
        "parameters": values,
        "check_mode": schedule.is_check_mode,
        "targets": schedule.targets,
        "recurrence": schedule.recurrence,
        "timezone": schedule.timezone,
        "plan_sha256": schedule.plan_sha256,
    }
    audit.record(session, actor, "playbook.schedule", f"{SUBJECT}/{schedule.id}", detail)
    return schedule.id


def _ask(session: WriteSession, actor: Actor, schedule: PlaybookSchedule) -> None:
    """Ask for approval of the schedule as it is now; the actor's rights are those it runs by."""
    schedule.state, schedule.state_reason = ScheduleState.PROPOSED, ""
    schedule.standing_since = None
    schedule.requester_id, schedule.requester = actor.id, actor.name
    schedule.parts = parts(session, schedule)
    schedule.plan_sha256 = plan_hash(schedule.parts)
    session.add(schedule)
    session.flush()
    schedule.approval_id = approval.request(
        session,
        actor,
        approval.Subject(SUBJECT, str(schedule.id), schedule.plan_sha256, schedule.scope_id),
        Permission.CHANGE_APPROVE,
        reason=schedule.reason,
        expires_at=schedule.ends_at,
    )


def decide(
    session: WriteSession,
    actor: Actor,
    number: int,
    plan_sha256: str,
    *,
    approve: bool,
    comment: str = "",
) -> None:
    """Approve or reject the schedule the actor has read, for all of its times.

    Raises:
        ConflictError: nobody asked, or it is no longer what was asked for.
        DeniedError, NotFoundError: as `approval.decide`.
    """
    schedule = _held(session, actor, number, Permission.CHANGE_APPROVE)
    if schedule.state != ScheduleState.PROPOSED or schedule.approval_id is None:
        raise ConflictError(f"schedule {number} is {schedule.state}, nobody asked for approval")
    told = changed(session, schedule)
    if approve and told:
        raise ConflictError(told, fix="Have it rejected and asked for anew.")
    approval.decide(
        session, actor, schedule.approval_id, plan_sha256, approve=approve, comment=comment
    )
    if approve:
        schedule.state, schedule.standing_since = ScheduleState.STANDING, clock.now()
    else:
        schedule.state, schedule.state_reason = ScheduleState.ENDED, "it was rejected"


def pause(session: WriteSession, actor: Actor, number: int, reason: str) -> None:
    """Let it start nothing until it is resumed; its approval stays.

    Raises:
        DeniedError: the actor may not run playbooks.
        InvalidInputError: no reason is given.
        ConflictError: it is not standing.
    """
    schedule = _held(session, actor, number, Permission.CHANGE_EXECUTE)
    if schedule.state != ScheduleState.STANDING:
        raise ConflictError(f"schedule {number} is {schedule.state}, not standing")
    _move(session, actor, schedule, ScheduleState.PAUSED, reason)


def resume(session: WriteSession, actor: Actor, number: int) -> str:
    """Let a paused schedule go on; returns its state.

    Under the approval it has, as long as that covers what it would do now. Otherwise approval is
    asked for anew, and it is the actor then by whose rights it runs.

    Raises:
        DeniedError: the actor may not run playbooks.
        ConflictError: it is not paused, or its last time is over.
        InvalidInputError: its targets or parameters are wrong by now; all that is.
    """
    schedule = _held(session, actor, number, Permission.CHANGE_EXECUTE)
    if schedule.state != ScheduleState.PAUSED or schedule.ends_at <= clock.now():
        raise ConflictError(f"schedule {number} is {schedule.state}", fix="Propose another one.")
    try:
        require_ready(session, schedule)
    except ConflictError:
        rows = require_within(session, actor.acting(Permission.CHANGE_EXECUTE), selection(schedule))
        names = [row.name for row in rows]
        runs.require_runnable(session, actor, schedule.playbook, names, schedule.parameters)
        schedule.scope_id = scope.common(session, {row.scope_id for row in rows})
        _ask(session, actor, schedule)
    else:
        schedule.state, schedule.state_reason = ScheduleState.STANDING, ""
        schedule.standing_since = clock.now()
    detail = {"state": schedule.state, "plan_sha256": schedule.plan_sha256}
    audit.record(session, actor, "playbook.schedule-resume", f"{SUBJECT}/{number}", detail)
    return schedule.state


def end(session: WriteSession, actor: Actor, number: int, reason: str) -> None:
    """End it for good; a run of it that is under way goes on to its end.

    Raises:
        DeniedError: the actor may not run playbooks.
        InvalidInputError: no reason is given.
        ConflictError: it has ended.
    """
    schedule = _held(session, actor, number, Permission.CHANGE_EXECUTE)
    if schedule.state == ScheduleState.ENDED:
        raise ConflictError(f"schedule {number} has ended")
    _move(session, actor, schedule, ScheduleState.ENDED, reason)
    approval.void(session, actor, SUBJECT, str(number))


def stop(session: WriteSession, schedule: PlaybookSchedule, reason: str) -> None:
    """Pause it by itself, loudly: its approval is void, and whoever listens is told."""
    approval.void(session, SYSTEM, SUBJECT, str(schedule.id))
    schedule.state, schedule.state_reason = ScheduleState.PAUSED, reason
    audit.record(
        session, SYSTEM, "playbook.schedule-stop", f"{SUBJECT}/{schedule.id}", {"reason": reason}
    )
    payload = {"schedule": schedule.id, "reason": reason}
    events.publish(session, STOPPED, f"{SUBJECT}/{schedule.id}", payload)


def _move(
    session: WriteSession,
    actor: Actor,
    schedule: PlaybookSchedule,
    state: ScheduleState,
    reason: str,
) -> None:
    problems = list(_reason_problems(reason))
    if problems:
        raise InvalidInputError(problems)
    schedule.state, schedule.state_reason = state, reason.strip()
    verb = "pause" if state is ScheduleState.PAUSED else "end"
    name = f"{SUBJECT}/{schedule.id}"
    audit.record(session, actor, f"playbook.schedule-{verb}", name, {"reason": reason.strip()})


def _held(
    session: WriteSession, actor: Actor, number: int, permission: Permission
) -> PlaybookSchedule:
    """Return the schedule, locked, when all it may touch lies within the actor's reach."""
    acting = actor.acting(permission)
    visible = scope.visible(acting, PlaybookSchedule.scope_id)
    found = session.scalar(
        select(PlaybookSchedule).where(PlaybookSchedule.id == number, visible).with_for_update()
    )
    if found is None:
        raise NotFoundError(f"there is no schedule {number}")
    return found


def _timing_problems(draft: ScheduleDraft) -> Iterator[Problem]:
    try:
        zone = ZoneInfo(draft.timezone)
    except (LookupError, ValueError, OSError):
        fix = "Give a name such as Asia/Ho_Chi_Minh."
        yield Problem("schedule", "timezone", draft.timezone[:64], "is no time zone", fix)
        return
    found = recurrence.problems(draft.rule, MOST)
    yield from found
    now = clock.now()
    if draft.rule.until - now.astimezone(zone).date() > LONGEST:
        yield _until(draft.rule.until, "is more than a year away")
    elif not found and recurrence.windows(draft.rule, draft.timezone)[-1][1] <= now:
        yield _until(draft.rule.until, "is past")


def _until(day: date, message: str) -> Problem:
    return Problem("schedule", "until", str(day), message, "End it within a year from today.")


def _reason_problems(reason: str) -> Iterator[Problem]:
    if not reason.strip():
        yield Problem("schedule", "reason", "", "is empty", "Say why.")
