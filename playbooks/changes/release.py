"""From a plan to the devices: others approve exactly the plan, then it runs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from hatang import approval, audit, clock
from hatang.auth import Permission
from hatang.errors import ConflictError, DeniedError
from playbooks.changes import intervening, waves, windows
from playbooks.changes.authority import authorise, held
from playbooks.changes.lines import tell
from playbooks.changes.planning import FIRST, SECOND
from playbooks.changes.standard import covering
from playbooks.choices import ChangeState
from playbooks.models import Change, ChangeTarget

if TYPE_CHECKING:
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import WriteSession

APPROVAL_VALID: Final = timedelta(hours=24)
GLASS_VALID: Final = timedelta(hours=2)


def submit(session: WriteSession, actor: Actor, change_id: int) -> int:
    """Ask for approval of the plan as it stands; returns the approval's id.

    What a standard change covers is approved by that one's approval at once.

    Raises:
        ConflictError: the change has no plan yet, is past it, or the standard change's approval
            ends before its window opens.
    """
    change = held(session, actor, change_id, Permission.CHANGE_REQUEST)
    if change.state != ChangeState.PLANNED or change.plan_sha256 is None:
        raise ConflictError(
            f"change {change_id} is {change.state}", fix="Plan it, then ask for approval."
        )
    standing = covering(session, change)
    if standing is not None:
        expires_at = approval.get(session, standing).expires_at
        _require_in_force(change, expires_at, "Have the standard change approved anew.")
        change.approval_id, change.state = standing, ChangeState.APPROVED
        detail = {"plan_sha256": change.plan_sha256, "approval": standing}
        audit.record(session, actor, "change.standard", f"change/{change_id}", detail)
        tell(session, change_id, "approved", "as a standard change")
        return standing
    change.approval_id = _ask(session, actor, change, FIRST)
    if change.level > 1:
        change.second_approval_id = _ask(session, actor, change, SECOND)
    change.state = ChangeState.AWAITING_APPROVAL
    tell(session, change_id, "submitted", actor.name)
    return change.approval_id


def _require_in_force(change: Change, expires_at: datetime, fix: str) -> None:
    """Return when an approval still holds as the change's window opens; raises ConflictError."""
    if change.opens_at is not None and expires_at <= change.opens_at:
        ends, opens = (f"{one:%Y-%m-%d %H:%M} UTC" for one in (expires_at, change.opens_at))
        raise ConflictError(
            f"the approval would end at {ends}, before the window opens at {opens}", fix=fix
        )


def _ask(session: WriteSession, actor: Actor, change: Change, kind: str) -> int:
    return approval.request(
        session,
        actor,
        _subject(change, kind),
        Permission.CHANGE_APPROVE,
        reason=change.reason or change.title,
        expires_at=_expiry(change),
    )


def _expiry(change: Change) -> datetime:
    """Return until when an approval holds: as long as the change may begin, a day at least."""
    opens = change.opens_at and change.opens_at + APPROVAL_VALID
    ends = (clock.now() + APPROVAL_VALID, change.closes_at, opens)
    return max(each for each in ends if each is not None)


def _subject(change: Change, kind: str) -> approval.Subject:
    return approval.Subject(kind, str(change.id), change.plan_sha256 or "", change.scope_id)


def decide(
    session: WriteSession,
    actor: Actor,
    change_id: int,
    plan_sha256: str,
    *,
    approve: bool,
    comment: str = "",
) -> None:
    """Approve or reject the plan the actor has read; raises as `approval.decide`.

    Where two must approve, they are two people, and neither wrote the change down or submitted it.
    """
    change = held(session, actor, change_id, Permission.CHANGE_APPROVE)
    _require_other(actor, change)
    if change.state != ChangeState.AWAITING_APPROVAL or change.approval_id is None:
        raise ConflictError(f"change {change_id} is {change.state}, nobody asked for approval")
    pending = _pending(session, actor, change)
    approval.decide(session, actor, pending, plan_sha256, approve=approve, comment=comment)
    tell(session, change_id, "approved" if approve else "rejected", actor.name)
    if not approve:
        intervening.cancel_held(session, actor, change)
    elif change.second_approval_id in {None, pending}:
        change.state = ChangeState.APPROVED


def _require_other(actor: Actor, change: Change) -> None:
    """Return when the actor is not who wrote the change down, whoever submitted it."""
    if actor.id is not None and actor.id == change.requester_id:
        raise DeniedError(
            "who asked does not decide", fix="Ask another person, administrators included."
        )


def _pending(session: WriteSession, actor: Actor, change: Change) -> int:
    """Return which of the change's approvals is to be decided now."""
    first = approval.get(session, change.approval_id or 0)
    if change.second_approval_id is None or first.state == approval.State.PENDING:
        return first.id
    if actor.id is not None and first.decided_by_id == actor.id:
        raise DeniedError(
            f"{actor.name} approved this already", fix="So much hangs on it that two must."
        )
    return change.second_approval_id


def break_glass(
    session: WriteSession, actor: Actor, change_id: int, plan_sha256: str, reason: str
) -> int:
    """Approve the plan without a second person, loudly: it stays listed until one reviews it.

    Raises:
        DeniedError: the actor may not break the glass.
        ConflictError: the plan is another by now, or its window opens when the glass holds no more.
        InvalidInputError: no reason is given.
    """
    change = held(session, actor, change_id, Permission.CHANGE_BREAK_GLASS)
    states = ChangeState.PLANNED, ChangeState.AWAITING_APPROVAL
    if change.state not in states or change.plan_sha256 is None:
        raise ConflictError(f"change {change_id} is {change.state}", fix="Plan it first.")
    if change.plan_sha256 != plan_sha256:
        raise ConflictError("the plan has changed", fix="Read it again, then decide on that.")
    expires_at = clock.now() + GLASS_VALID
    _require_in_force(change, expires_at, "Break the glass within two hours of it.")
    approval.void(session, actor, SECOND, str(change_id))
    change.approval_id = approval.break_glass(
        session,
        actor,
        _subject(change, FIRST),
        Permission.CHANGE_APPROVE,
        reason=reason,
        expires_at=expires_at,
    )
    change.second_approval_id = None
    change.state = ChangeState.APPROVED
    tell(session, change_id, "glass-broken", f"{actor.name}: {reason}")
    return change.approval_id


def review(session: WriteSession, actor: Actor, change_id: int, text: str) -> None:
    """Say as another person what one thinks of a broken glass; raises as `approval.review`."""
    change = held(session, actor, change_id, Permission.CHANGE_APPROVE)
    _require_other(actor, change)
    if change.approval_id is None:
        raise ConflictError(f"change {change_id} needs no review")
    approval.review(session, actor, change.approval_id, text)
    tell(session, change_id, "reviewed", f"{actor.name}: {text}")


def execute(session: WriteSession, actor: Actor, change_id: int) -> list[str]:
    """Start an approved change, or have it start by itself when its window opens.

    Returns the keys of the pushes that were asked for: none while its window is closed, or its
    first wave is measured.

    Raises:
        DeniedError: the actor may not execute changes on all of its devices.
        ConflictError: not approved, approved for another content, already started, its window is
            over, or a conference is booked where one of its devices stands.
    """
    change = held(session, actor, change_id, Permission.CHANGE_EXECUTE)
    if change.state != ChangeState.APPROVED or change.plan_sha256 is None:
        raise ConflictError(f"change {change_id} is {change.state}, not approved")
    authorise(session, change)
    detail = {"plan_sha256": change.plan_sha256}
    audit.record(session, actor, "change.execute", f"change/{change_id}", detail)
    if windows.is_early(change):
        change.state = ChangeState.SCHEDULED
        tell(session, change_id, "scheduled", f"{change.opens_at:%Y-%m-%d %H:%M} UTC")
        return []
    return start(session, change, actor.name)


def start(session: WriteSession, change: Change, name: str) -> list[str]:
    """Begin the first wave; who may start it, and that it is approved, is the caller's question.

    Raises:
        ConflictError: the window is over, or something is booked where its devices stand.
    """
    statement = select(ChangeTarget.device_id).where(ChangeTarget.change_id == change.id)
    windows.require_open(session, change, session.scalars(statement).all())
    change.state = ChangeState.RUNNING
    change.started_at = clock.now()
    tell(session, change.id, "started", name)
    return waves.begin_next(session, change)
