"""One requester, one other person who decides, about exactly one content.

States change by one conditional UPDATE whose row count is looked at, so that two decisions at
once cannot both win. An expired request counts as expired from its moment on, whether or not
the sweep has written that down.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select, update

from hatang.approval.models import Approval
from hatang.audit import record
from hatang.auth import Actor, Permission, require
from hatang.clock import now
from hatang.errors import ConflictError, DeniedError, InvalidInputError, NotFoundError, Problem
from hatang.scope import reaches

if TYPE_CHECKING:
    from datetime import datetime

    from hatang.db import AnySession, WriteSession


class State(StrEnum):
    """Where a request stands."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    VOIDED = "voided"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


OPEN: Final = (State.PENDING, State.APPROVED)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be approved: its kind and id, and the SHA-256 (hex) of exactly its content."""

    kind: str
    id: str
    hash: str
    scope_id: int | None = None


def request(
    session: WriteSession,
    actor: Actor,
    subject: Subject,
    permission: Permission,
    *,
    reason: str,
    expires_at: datetime,
) -> int:
    """Ask somebody who holds `permission` to approve `subject`; return the request's id.

    Earlier open requests about the subject are voided. Whether the actor may ask at all is the
    caller's question.

    Raises:
        InvalidInputError: no reason, or an expiry that is past; both at once.
    """
    _check_request(reason, expires_at)
    void(session, actor, subject.kind, subject.id)
    return _insert(session, actor, subject, permission, (reason, expires_at, False))


def break_glass(
    session: WriteSession,
    actor: Actor,
    subject: Subject,
    permission: Permission,
    *,
    reason: str,
    expires_at: datetime,
) -> int:
    """Approve `subject` without a second person, loudly: it stays listed until reviewed.

    Raises:
        DeniedError: the actor may not break the glass.
        InvalidInputError: no reason, or an expiry that is past.
    """
    require(actor, Permission.CHANGE_BREAK_GLASS)
    if actor.is_system or not reaches(session, actor, subject.scope_id):
        raise DeniedError(f"{actor.name} may not break the glass here")
    _check_request(reason, expires_at)
    void(session, actor, subject.kind, subject.id)
    return _insert(session, actor, subject, permission, (reason, expires_at, True))


def decide(
    session: WriteSession,
    actor: Actor,
    approval_id: int,
    subject_hash: str,
    *,
    approve: bool,
    comment: str = "",
) -> None:
    """Approve or reject what has `subject_hash`: the content the approver saw.

    Raises:
        DeniedError: the actor asked for it himself (administrators included), is a process, or
            lacks the permission or the scope.
        ConflictError: the content changed, or the request is no longer pending.
        NotFoundError: there is no such request.
    """
    row = _row(session, approval_id)
    _check_other(session, actor, row)
    if row.subject_hash != subject_hash:
        raise ConflictError(
            "what was to be approved has changed", fix="Read it again, then decide on that."
        )
    verb, state = ("approve", State.APPROVED) if approve else ("reject", State.REJECTED)
    values = {
        "state": state,
        "decided_by_id": actor.id,
        "decided_by": actor.name,
        "decided_at": now(),
        "comment": comment,
    }
    changed = _transition(session, row.id, (State.PENDING,), values, subject_hash)
    if not changed:
        raise ConflictError(f"the request is {state_of(row)}, no longer pending")
    _record(session, actor, f"approval.{verb}", row, {"comment": comment})


def withdraw(session: WriteSession, actor: Actor, approval_id: int) -> None:
    """Take back one's own pending request; raises DeniedError or ConflictError otherwise."""
    row = _row(session, approval_id)
    if not _same_person(actor, row):
        raise DeniedError("only who asked takes a request back")
    if not _transition(session, row.id, (State.PENDING,), {"state": State.WITHDRAWN}):
        raise ConflictError(f"the request is {state_of(row)}, no longer pending")
    _record(session, actor, "approval.withdraw", row, {})


def void(
    session: WriteSession, actor: Actor, kind: str, subject_id: str, *, unless_hash: str = ""
) -> int:
    """Void the open requests about a subject, except those about content `unless_hash`.

    Call it whenever the content changed. Returns how many were voided.
    """
    statement = select(Approval).where(
        Approval.subject_kind == kind,
        Approval.subject_id == subject_id,
        Approval.state.in_(OPEN),
        Approval.subject_hash != unless_hash,
    )
    count = 0
    for row in session.scalars(statement).all():
        if _transition(session, row.id, OPEN, {"state": State.VOIDED}, unexpired=False):
            _record(session, actor, "approval.void", row, {})
            count += 1
    return count


def require_approved(session: AnySession, kind: str, subject_id: str, subject_hash: str) -> int:
    """Return the id of the approval in force for exactly this content; call it before acting.

    Raises:
        ConflictError: there is none, it was voided, or it has expired.
    """
    statement = select(Approval.id).where(
        Approval.subject_kind == kind,
        Approval.subject_id == subject_id,
        Approval.subject_hash == subject_hash,
        Approval.state == State.APPROVED,
        Approval.expires_at > now(),
    )
    found = session.scalar(statement.order_by(Approval.id.desc()).limit(1))
    if found is None:
        raise ConflictError(
            f"{kind} {subject_id} has no approval in force for this content",
            fix="Ask for approval, and act before it expires.",
        )
    return found


def review(session: WriteSession, actor: Actor, approval_id: int, text: str) -> None:
    """Close a broken glass: another person says what he thinks of it.

    Raises:
        DeniedError: the actor broke it himself, or may not approve such subjects.
        ConflictError: nothing to review.
    """
    row = _row(session, approval_id)
    _check_other(session, actor, row)
    statement = (
        update(Approval)
        .where(Approval.id == row.id, Approval.is_break_glass, Approval.reviewed_at.is_(None))
        .values(reviewed_by_id=actor.id, reviewed_by=actor.name, reviewed_at=now(), review=text)
        .returning(Approval.id)
        .execution_options(synchronize_session="fetch")
    )
    if session.scalar(statement) is None:
        raise ConflictError("this approval needs no review")
    _record(session, actor, "approval.review", row, {"review": text})


def unreviewed(session: AnySession) -> list[Approval]:
    """Return the broken glasses nobody has reviewed, oldest first."""
    statement = select(Approval).where(Approval.is_break_glass, Approval.reviewed_at.is_(None))
    return list(session.scalars(statement.order_by(Approval.id)))


def expire(session: WriteSession, actor: Actor) -> int:
    """Write down as expired what is; returns how many."""
    statement = select(Approval).where(Approval.state.in_(OPEN), Approval.expires_at <= now())
    count = 0
    for row in session.scalars(statement).all():
        if _transition(session, row.id, OPEN, {"state": State.EXPIRED}, unexpired=False):
            _record(session, actor, "approval.expire", row, {})
            count += 1
    return count


def get(session: AnySession, approval_id: int) -> Approval:
    """Return one request; raises NotFoundError."""
    return _row(session, approval_id)


def state_of(row: Approval) -> State:
    """Return where a request stands now; past its expiry an open one is expired."""
    state = State(row.state)
    return State.EXPIRED if state in OPEN and row.expires_at <= now() else state


def _check_request(reason: str, expires_at: datetime) -> None:
    problems = []
    if not reason.strip():
        problems.append(Problem("request", "reason", reason, "is empty", "Say why."))
    if expires_at <= now():
        message = "is past"
        problems.append(
            Problem("request", "expires_at", str(expires_at), message, "Give a later time.")
        )
    if problems:
        raise InvalidInputError(problems)


def _insert(
    session: WriteSession,
    actor: Actor,
    subject: Subject,
    permission: Permission,
    terms: tuple[str, datetime, bool],
) -> int:
    reason, expires_at, is_break_glass = terms
    row = Approval(
        subject_kind=subject.kind,
        subject_id=subject.id,
        subject_hash=subject.hash,
        scope_id=subject.scope_id,
        permission=permission,
        state=State.APPROVED if is_break_glass else State.PENDING,
        requester_id=actor.id,
        requester=actor.name,
        reason=reason,
        is_break_glass=is_break_glass,
        created_at=now(),
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    action = "approval.break-glass" if is_break_glass else "approval.request"
    _record(session, actor, action, row, {"reason": reason})
    return row.id


def _same_person(actor: Actor, row: Approval) -> bool:
    return actor.id == row.requester_id and (actor.id is not None or actor.name == row.requester)


def _check_other(session: AnySession, actor: Actor, row: Approval) -> None:
    if actor.is_system or actor.id is None:
        raise DeniedError("a process does not decide")
    if _same_person(actor, row):
        raise DeniedError(
            "who asked does not decide", fix="Ask another person, administrators included."
        )
    if not reaches(session, actor.acting(Permission(row.permission)), row.scope_id):
        raise DeniedError(f"{actor.name} may not decide on this in its scope")


def _transition(
    session: WriteSession,
    approval_id: int,
    sources: tuple[State, ...],
    values: dict[str, Any],
    subject_hash: str | None = None,
    *,
    unexpired: bool = True,
) -> bool:
    statement = update(Approval).where(Approval.id == approval_id, Approval.state.in_(sources))
    if subject_hash is not None:
        statement = statement.where(Approval.subject_hash == subject_hash)
    if unexpired:
        statement = statement.where(Approval.expires_at > now())
    statement = statement.values(**values).execution_options(synchronize_session="fetch")
    return session.scalar(statement.returning(Approval.id)) is not None


def _row(session: AnySession, approval_id: int) -> Approval:
    row = session.get(Approval, approval_id)
    if row is None:
        raise NotFoundError(f"there is no approval {approval_id}")
    return row


def _record(
    session: WriteSession, actor: Actor, action: str, row: Approval, detail: dict[str, Any]
) -> None:
    content = {"approval": row.id, "hash": row.subject_hash, **detail}
    record(session, actor, action, f"{row.subject_kind}/{row.subject_id}", content)
