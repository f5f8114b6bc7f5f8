"""Reorganisations: planned, put up for approval, applied on their day; and the past as it was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy import text as sql

from hatang import approval, audit, events, gates
from hatang.auth import Actor, Permission
from hatang.clock import now
from hatang.errors import ConflictError, DeniedError, NotFoundError
from inventory.reorganisation import document, history, planning, store
from inventory.reorganisation.models import Reorganisation
from inventory.service.importing import CHANGED, WRITE
from inventory.service.reading import READ

if TYPE_CHECKING:
    from datetime import date

    from hatang.db import AnySession, Database, WriteSession
    from inventory.choices import ElementKind
    from inventory.reorganisation.history import FoundUnit
    from inventory.reorganisation.plan import ReorganisationPlan
    from inventory.rows import UnitRow

APPROVE: Final = Permission("change:approve")
KIND: Final = "reorganisation"
FILED: Final = "filed"
APPLIED: Final = "applied"
WITHDRAWN: Final = "withdrawn"
# An approval outlives the day it is for by this much, so that a day of standstill spoils nothing.
_GRACE: Final = timedelta(days=30)
# The lock of imports: both move the same rows.
_LOCK: Final = 0x6861_7461_6E67_0002


@dataclass(frozen=True, slots=True)
class Filed:
    """A filed reorganisation and where it stands; `plan` is None once it is applied.

    `is_stale` says that the inventory changed since: it has to be filed again.
    """

    id: int
    title: str
    effective_on: date
    sha256: str
    state: str
    approval: str
    requested_by: str
    reason: str
    applied_at: datetime | None
    is_stale: bool = False
    plan: ReorganisationPlan | None = None


def plan_reorganisation(
    session: AnySession, actor: Actor, text: str, filename: str
) -> ReorganisationPlan:
    """Return what the file would do on its day; writes nothing.

    Raises:
        DeniedError: the actor may not write the inventory of the whole province.
        InvalidInputError: with every problem of the file at once.
    """
    _require_province(actor, WRITE)
    return _plan(session, text, filename)


def file_reorganisation(
    session: WriteSession, actor: Actor, text: str, filename: str, *, reason: str
) -> int:
    """Put a reorganisation up for approval by another person and return its number.

    Raises:
        DeniedError, InvalidInputError: as for the plan; also without a reason.
        ConflictError: it would do nothing.
    """
    plan = plan_reorganisation(session, actor, text, filename)
    if not plan.units and not plan.transfers:
        raise ConflictError("this file changes nothing")
    row = Reorganisation(
        title=plan.title,
        effective_on=plan.effective_on,
        document=text,
        filename=filename,
        sha256=plan.sha256,
        approval_id=0,
        state=FILED,
        requested_by=actor.name,
        created_at=now(),
    )
    session.add(row)
    session.flush()
    subject = approval.Subject(KIND, str(row.id), plan.sha256)
    day = datetime.combine(plan.effective_on, time(), UTC)
    expires_at = max(now(), day) + _GRACE
    row.approval_id = approval.request(
        session, actor, subject, APPROVE, reason=reason, expires_at=expires_at
    )
    detail = {"sha256": plan.sha256, "on": str(plan.effective_on), **plan.counts()}
    audit.record(session, actor, "reorganisation.file", f"{KIND}/{row.id}", detail)
    return row.id


def list_reorganisations(session: AnySession, actor: Actor) -> tuple[Filed, ...]:
    """Return every filed reorganisation without its plan, latest day first."""
    _require_province(actor, READ)
    order = (Reorganisation.effective_on.desc(), Reorganisation.id.desc())
    rows = session.scalars(select(Reorganisation).order_by(*order))
    return tuple(_shown(session, row) for row in rows)


def get_reorganisation(session: AnySession, actor: Actor, number: int) -> Filed:
    """Return one with what it would do as things stand now.

    Raises:
        DeniedError: the actor does not see the whole province.
        NotFoundError: there is no such number.
    """
    _require_province(actor, READ)
    row = _row(session, number)
    if row.state != FILED:
        return _shown(session, row)
    plan = _plan_or_none(session, row)
    is_stale = plan is None or plan.sha256 != row.sha256
    return replace(_shown(session, row), plan=plan, is_stale=is_stale)


def decide_reorganisation(
    session: WriteSession,
    actor: Actor,
    number: int,
    sha256: str,
    *,
    approve: bool,
    comment: str = "",
) -> None:
    """Approve or reject exactly what has this hash; never one's own.

    Raises:
        DeniedError: the actor filed it, or may not approve for the whole province.
        ConflictError: it does something else by now, or is decided already.
        NotFoundError: there is no such number.
    """
    row = _row(session, number)
    if approve:
        _require_fresh(session, row)
    approval.decide(session, actor, row.approval_id, sha256, approve=approve, comment=comment)


def withdraw_reorganisation(session: WriteSession, actor: Actor, number: int) -> None:
    """Take back what is not applied; an approval of it ends.

    Raises:
        DeniedError: the actor may not write the inventory of the whole province.
        ConflictError: it is applied or withdrawn already.
    """
    _require_province(actor, WRITE)
    row = _row(session, number)
    if row.state != FILED:
        raise ConflictError(f"reorganisation {number} is {row.state}")
    row.state = WITHDRAWN
    approval.void(session, actor, KIND, str(row.id))
    audit.record(session, actor, "reorganisation.withdraw", f"{KIND}/{row.id}")


def apply_reorganisation(session: WriteSession, actor: Actor, number: int, today: date) -> None:
    """Do what was approved, all of it in the caller's transaction.

    Raises:
        DeniedError: the actor may not write the inventory of the whole province.
        ConflictError: its day has not come, nobody approved it, or it would do something else now.
        NotFoundError: there is no such number.
    """
    _require_province(actor, WRITE)
    if session.get_bind().dialect.name == "postgresql":
        # SQLite has one writer anyway.
        session.execute(sql("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    row = _row(session, number)
    if row.state != FILED:
        raise ConflictError(f"reorganisation {number} is {row.state}")
    if row.effective_on > today:
        fix = "It is applied on that day by itself, once it is approved."
        raise ConflictError(f"reorganisation {number} is for {row.effective_on}", fix=fix)
    plan = _require_fresh(session, row)
    approval.require_approved(session, KIND, str(row.id), plan.sha256)
    store.write(session, plan)
    session.flush()
    for follower in gates.all_of(gates.SCOPE):
        follower.follow(session)
    row.state, row.applied_at, row.applied_by = APPLIED, now(), actor.name
    session.flush()
    detail = {"sha256": plan.sha256, "on": str(plan.effective_on), **plan.counts()}
    audit.record(session, actor, "reorganisation.apply", f"{KIND}/{row.id}", detail)
    events.publish(session, CHANGED, plan.sha256, {**detail, "devices": None})


def due_reorganisations(session: AnySession, today: date) -> tuple[int, ...]:
    """Return the numbers of what is approved and whose day has come, earliest day first."""
    statement = select(Reorganisation).where(
        Reorganisation.state == FILED, Reorganisation.effective_on <= today
    )
    rows = session.scalars(statement.order_by(Reorganisation.effective_on, Reorganisation.id))
    return tuple(row.id for row in rows if _approval(session, row) == approval.State.APPROVED)


def units_as_of(session: AnySession, actor: Actor, on: date) -> tuple[UnitRow, ...]:
    """Return the units of a day as they were called and hung then."""
    return history.units_as_of(session, actor.acting(READ), on)


def owners_as_of(session: AnySession, actor: Actor, kind: ElementKind, on: date) -> dict[str, str]:
    """Return the unit each site, service … belonged to on a day, by keys; for reports."""
    return history.owners_as_of(session, actor.acting(READ), kind, on)


def find_units(session: AnySession, actor: Actor, text: str) -> tuple[FoundUnit, ...]:
    """Return units by a code or part of a name, former ones too, with who follows them."""
    return history.find_units(session, actor.acting(READ), text)


def apply_due(db: Database, today: date) -> dict[str, int]:
    """Apply what is due, each in its own transaction; return how many were applied and refused.

    One that no longer does what was approved is refused, and keeps waiting for a person.
    """
    actor = Actor.system("daily reorganisations")
    with db.read() as session:
        due = due_reorganisations(session, today)
    counts = {"applied": 0, "refused": 0}
    for number in due:
        try:
            with db.write() as session:
                apply_reorganisation(session, actor, number, today)
        except ConflictError as error:
            counts["refused"] += 1
            with db.write() as session:
                detail = {"reason": error.message}
                target = f"{KIND}/{number}"
                audit.record(
                    session, actor, "reorganisation.apply", target, detail, outcome="error"
                )
        else:
            counts["applied"] += 1
    return counts


def _plan(session: AnySession, text: str, filename: str) -> ReorganisationPlan:
    return planning.plan(document.read(text, filename), store.load(session), store.SECTIONS)


def _plan_or_none(session: AnySession, row: Reorganisation) -> ReorganisationPlan | None:
    try:
        return _plan(session, row.document, row.filename)
    except ValueError:  # what it names may be gone meanwhile: stale, like any other change
        return None


def _require_fresh(session: AnySession, row: Reorganisation) -> ReorganisationPlan:
    plan = _plan_or_none(session, row)
    if plan is None or plan.sha256 != row.sha256:
        raise ConflictError(
            f"the inventory has changed since reorganisation {row.id} was filed",
            fix="File it again and have the new plan approved.",
        )
    return plan


def _require_province(actor: Actor, permission: Permission) -> None:
    if actor.acting(permission).scope_ids is not None:
        raise DeniedError(
            f"{actor.name} may not do this for the whole province",
            fix="Ask somebody whose role reaches the whole province.",
        )


def _row(session: AnySession, number: int) -> Reorganisation:
    row = session.get(Reorganisation, number)
    if row is None:
        raise NotFoundError(f"there is no reorganisation {number}")
    return row


def _approval(session: AnySession, row: Reorganisation) -> approval.State:
    return approval.state_of(approval.get(session, row.approval_id))


def _shown(session: AnySession, row: Reorganisation) -> Filed:
    asked = approval.get(session, row.approval_id)
    return Filed(
        id=row.id,
        title=row.title,
        effective_on=row.effective_on,
        sha256=row.sha256,
        state=row.state,
        approval=str(approval.state_of(asked)),
        requested_by=row.requested_by,
        reason=asked.reason,
        applied_at=row.applied_at,
    )
