"""What no machine can check: questions, answers with their evidence, and who accepts them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, UploadFile
from pydantic import Field

from api.callers import CallerDep
from api.rest.baselines import Asked, Decision
from api.rest.paging import RowNumber, Schema
from baselines import service
from hatang.auth import Permission

router = APIRouter(tags=["baselines"])


class Evidence(Schema):
    """A file of evidence; its content is kept sealed."""

    id: int
    filename: str
    size: int
    sha256: str


class Question(Schema):
    """A question about one subject: `verdict` is manual while no accepted answer holds."""

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
    evidence: list[Evidence]


class Answer(Schema):
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
    evidence: list[Evidence]


class Reply(Schema):
    """An answer as it is given, with the files that prove it."""

    question_id: str = Field(max_length=16)
    subject: str = Field(max_length=80)
    verdict: str = Field(max_length=16)
    text: str = Field(max_length=4_000)
    files: list[UploadFile] = Field(default=[], max_length=10)


@router.get("/questions")
def list_questions(caller: CallerDep) -> list[Question]:
    """Return every question about every unit and system: the calendar of what is due."""
    with caller.read() as session:
        rows = service.list_questions(session, caller.actor)
    return [Question.model_validate(row) for row in rows]


@router.get("/answers")
def list_answers(caller: CallerDep) -> list[Answer]:
    """Return answers with their evidence, the newest first."""
    with caller.read() as session:
        return [Answer.model_validate(row) for row in service.list_answers(session, caller.actor)]


@router.post("/answers", status_code=201)
def answer(caller: CallerDep, reply: Annotated[Reply, Form()]) -> Asked:
    """Answer a question with evidence, for another person to accept."""
    files = tuple(service.File(one.filename or "", one.file.read()) for one in reply.files)
    given = service.Reply(reply.question_id, reply.subject, reply.verdict, reply.text, files)
    with caller.write() as session:
        return Asked(id=service.answer(session, caller.actor, given))


@router.post("/answers/{number}/decision", status_code=204)
def decide_answer(caller: CallerDep, number: RowNumber, body: Decision) -> None:
    """Accept or refuse exactly the answer that was read; never one's own."""
    caller.prove(Permission.WAIVER_APPROVE)
    with caller.write() as session:
        service.decide_answer(
            session,
            caller.actor,
            number,
            body.sha256,
            approve=body.approve,
            comment=body.comment,
        )
