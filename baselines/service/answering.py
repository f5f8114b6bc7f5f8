"""What no machine can check: a person answers with evidence, another accepts it, for a time."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select

from baselines import packs
from baselines.models import Answer, Attachment
from baselines.service import attaching
from hatang import approval, audit, clock, scope
from hatang.approval import Approval
from hatang.auth import Permission, require
from hatang.errors import DeniedError, InvalidInputError, NotFoundError, Problem
from hatang.gates import Verdict
from inventory.models import Service, Unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from baselines.schemas import Question
    from baselines.service.attaching import AttachmentRow, File
    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession

KIND: Final = "answer"
ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
DAYS_A_MONTH: Final = 30.44  # the mean of the Gregorian calendar, for a time nobody counts by days
VERDICTS: Final = (Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE)
OWNER: Final = "owner"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it is given: to which question about what, and the files that prove it.

    `subject` is `owner`, `unit:CODE` or `system:CODE`, as the question says.
    """

    question_id: str
    subject: str
    verdict: str
    text: str
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question about one subject, with the answer that counts and the one that waits.

    `verdict` is `manual` while no accepted answer holds; `due_at` is when it has to be given anew,
    None when it never was, which is due now.
    """

    question_id: str
    severity: str
    subject: str
    name: str
    level: int | None
    months: int
    verdict: str
    answered_by: str
    accepted_by: str
    due_at: datetime | None
    is_overdue: bool
    waiting: int | None
    evidence: tuple[AttachmentRow, ...]


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One answer as it was given, and what became of it."""

    id: int
    question_id: str
    subject: str
    verdict: str
    text: str
    author: str
    created_at: datetime
    expires_at: datetime
    sha256: str
    state: str
    decided_by: str | None
    comment: str
    evidence: tuple[AttachmentRow, ...]


@dataclass(frozen=True, slots=True)
class _Subject:
    key: str
    name: str
    scope_id: int
    level: int | None


def answer(session: WriteSession, actor: Actor, reply: Reply) -> int:
    """Answer a question, for another person to accept; returns the answer's number.

    Raises:
        NotFoundError: no such question, or nothing it is asked about is called so.
        DeniedError: the actor may not answer there.
        InvalidInputError: no such verdict, no text, no evidence for a yes, or files that are not
            taken; all at once.
    """
    question = packs.load().question(reply.question_id)
    acting = actor.acting(Permission.WAIVER_REQUEST)
    subject = _subject(session, actor, question, reply.subject)
    if not scope.reaches(session, acting, subject.scope_id):
        raise DeniedError(f"{actor.name} may not answer for {reply.subject}")
    _check(reply)
    now = clock.now()
    expires_at = now + timedelta(days=round(question.months * DAYS_A_MONTH))
    digest = _digest(question, reply, expires_at)
    subject_id = f"{question.id}/{subject.key}"
    # A subject of its own: the answer that counts now goes on counting until this one does.
    asked = approval.Subject(KIND, f"{subject_id}/{digest[:16]}", digest, scope_id=subject.scope_id)
    row = Answer(
        scope_id=subject.scope_id,
        question_id=question.id,
        subject=subject.key,
        verdict=reply.verdict,
        text=reply.text,
        author=actor.name,
        created_at=now,
        expires_at=expires_at,
        sha256=digest,
        approval_id=_request(session, actor, asked, reply.text, expires_at),
    )
    session.add(row)
    session.flush()
    for file in reply.files:
        attaching.keep(session, actor, file, answer_id=row.id)
    detail = {"answer": row.id, "verdict": reply.verdict, "sha256": digest}
    audit.record(session, actor, "baseline.answer", subject_id, detail)
    return row.id


def decide_answer(
    session: WriteSession,
    actor: Actor,
    number: int,
    sha256: str,
    *,
    approve: bool,
    comment: str = "",
) -> None:
    """Accept or refuse the answer the actor has read; raises as `approval.decide`."""
    row = _get(session, actor, number)
    approval.decide(session, actor, row.approval_id, sha256, approve=approve, comment=comment)


def list_answers(session: AnySession, actor: Actor) -> list[AnswerRow]:
    """Return all answers the actor sees, the newest first."""
    acting = actor.acting(Permission.BASELINE_READ)
    statement = (
        select(Answer, Approval)
        .join(Approval, Approval.id == Answer.approval_id)
        .where(scope.visible(acting, Answer.scope_id))
        .order_by(Answer.id.desc())
    )
    found = session.execute(statement).all()
    files = _files(session, [row.id for row, _asked in found])
    return [_row(row, asked, files.get(row.id, ())) for row, asked in found]


def attachment(session: AnySession, actor: Actor, number: int) -> tuple[AttachmentRow, bytes]:
    """Return a file of evidence, of an answer or a signed sheet, with its content.

    Raises:
        NotFoundError: there is none, or what it belongs to lies outside the actor's scope.
        TamperedError: it is no longer what was given.
    """
    require(actor, Permission.BASELINE_READ)
    row = session.get(Attachment, number)
    reaches_sheets = actor.acting(Permission.BASELINE_READ).scope_ids is None
    if row is None or (row.answer_id is None and not reaches_sheets):
        raise NotFoundError(f"there is no file of evidence {number}")
    if row.answer_id is not None:
        _get(session, actor, row.answer_id)
    return attaching.shown(row), attaching.content(session, row)


def list_questions(
    session: AnySession, actor: Actor, at: datetime | None = None
) -> list[QuestionRow]:
    """Return each question about each subject the actor sees, as it stood at `at`.

    Those never answered stand first, then those due soonest: it is the calendar of reviews.
    """
    at = at or clock.now()
    given: dict[tuple[str, str], list[AnswerRow]] = {}
    for one in list_answers(session, actor):
        given.setdefault((one.question_id, one.subject), []).append(one)
    decided = _decided(session, at)
    rows = [
        _asked(question, subject, given.get((question.id, subject.key), []), decided, at)
        for question in packs.load().questions
        for subject in _subjects(session, actor, question, at)
    ]
    first = min((row.due_at for row in rows if row.due_at), default=at)
    return sorted(
        rows, key=lambda row: (row.due_at is not None, row.due_at or first, row.question_id)
    )


def _asked(
    question: Question,
    subject: _Subject,
    answers: Sequence[AnswerRow],
    decided: dict[int, datetime],
    at: datetime,
) -> QuestionRow:
    taken = [one for one in answers if one.id in decided]
    held = next((one for one in taken if decided[one.id] <= at < one.expires_at), None)
    waiting = next((one.id for one in answers if one.state == approval.State.PENDING), None)
    due = max((one.expires_at for one in taken if decided[one.id] <= at), default=None)
    return QuestionRow(
        question.id,
        question.severity,
        subject.key,
        subject.name,
        subject.level,
        question.months,
        Verdict.MANUAL if held is None else held.verdict,
        "" if held is None else held.author,
        "" if held is None else held.decided_by or "",
        due,
        due is None or due <= at,
        waiting,
        () if held is None else held.evidence,
    )


def _decided(session: AnySession, at: datetime) -> dict[int, datetime]:
    """Return when each accepted answer was accepted."""
    states = (approval.State.APPROVED, approval.State.EXPIRED)
    statement = (
        select(Answer.id, Approval.decided_at)
        .join(Approval, Approval.id == Answer.approval_id)
        .where(Approval.state.in_(states), Approval.decided_at <= at)
    )
    return {number: when for number, when in session.execute(statement) if when is not None}


def _request(
    session: WriteSession, actor: Actor, asked: approval.Subject, text: str, until: datetime
) -> int:
    return approval.request(
        session, actor, asked, Permission.WAIVER_APPROVE, reason=text, expires_at=until
    )


def _check(reply: Reply) -> None:
    where = f"{reply.question_id}/{reply.subject}"
    problems = attaching.check(list(reply.files))
    if reply.verdict not in VERDICTS:
        fix = f"Say {', '.join(VERDICTS)}."
        problems.append(Problem(where, "verdict", reply.verdict[:40], "is no answer", fix))
    if not reply.text.strip():
        fix = "Say in a sentence what was looked at."
        problems.append(Problem(where, "text", "", "is empty", fix))
    if reply.verdict == Verdict.PASS and not reply.files:
        fix = "Enclose what the question asks for: without it nothing is shown."
        problems.append(Problem(where, "files", "", "are missing", fix))
    if problems:
        raise InvalidInputError(problems)


def _digest(question: Question, reply: Reply, expires_at: datetime) -> str:
    content = {
        "question": question.id,
        "version": question.version,
        "subject": reply.subject,
        "verdict": reply.verdict,
        "text": reply.text,
        "expires_at": expires_at.isoformat(),
        "evidence": [hashlib.sha256(file.data).hexdigest() for file in reply.files],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _subject(session: AnySession, actor: Actor, question: Question, key: str) -> _Subject:
    for one in _subjects(session, actor, question, clock.now()):
        if one.key == key:
            return one
    raise NotFoundError(
        f"question {question.id} is not asked about {key[:80]}",
        fix=f"It is asked about each {question.about}.",
    )


def existed(at: datetime) -> ColumnElement[bool]:
    """Return the condition that a `Unit` was there on the day of `at`, its last one included."""
    day = at.astimezone(ZONE).date()
    return and_(
        or_(Unit.valid_from.is_(None), Unit.valid_from <= day),
        or_(Unit.valid_to.is_(None), Unit.valid_to >= day),
    )


def _subjects(
    session: AnySession, actor: Actor, question: Question, at: datetime
) -> Iterator[_Subject]:
    acting = actor.acting(Permission.BASELINE_READ)
    if question.about == "system":
        systems = select(Service).where(
            scope.visible(acting, Service.scope_id), Service.external.is_(False)
        )
        for system in session.scalars(systems.order_by(Service.code)):
            # A system whose level nobody set is asked everything.
            if system.level is None or system.level >= question.applies.level:
                key = f"system:{system.code}"
                yield _Subject(key, system.name, system.scope_id, system.level)
        return
    units = select(Unit).where(scope.visible(acting, Unit.scope_id), existed(at))
    for unit in session.scalars(units.order_by(Unit.code)):
        if question.about == "unit":
            yield _Subject(f"unit:{unit.code}", unit.name, unit.scope_id, None)
        elif unit.parent_id is None:
            yield _Subject(OWNER, unit.name, unit.scope_id, None)
            return


def _get(session: AnySession, actor: Actor, number: int) -> Answer:
    acting = actor.acting(Permission.BASELINE_READ)
    statement = select(Answer).where(Answer.id == number, scope.visible(acting, Answer.scope_id))
    found = session.scalars(statement).first()
    if found is None:
        raise NotFoundError(f"there is no answer {number}")
    return found


def _files(session: AnySession, answers: list[int]) -> dict[int, tuple[AttachmentRow, ...]]:
    found: dict[int, tuple[AttachmentRow, ...]] = {}
    statement = select(Attachment).where(Attachment.answer_id.in_(answers))
    for row in session.scalars(statement.order_by(Attachment.id)):
        found[row.answer_id or 0] = (*found.get(row.answer_id or 0, ()), attaching.shown(row))
    return found


def _row(row: Answer, asked: Approval, files: tuple[AttachmentRow, ...]) -> AnswerRow:
    return AnswerRow(
        id=row.id,
        question_id=row.question_id,
        subject=row.subject,
        verdict=row.verdict,
        text=row.text,
        author=row.author,
        created_at=row.created_at,
        expires_at=row.expires_at,
        sha256=row.sha256,
        state=approval.state_of(asked),
        decided_by=asked.decided_by,
        comment=asked.comment,
        evidence=files,
    )
