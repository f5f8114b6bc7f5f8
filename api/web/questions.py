"""Security: what no machine can check, answered with evidence and accepted by another person."""

import re
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import UploadFile

from api.callers import Caller, CallerDep
from api.rest.paging import RowNumber, WindowDep
from api.web.rendering import page
from baselines import packs, service
from hatang.auth import Permission
from hatang.errors import NotFoundError
from hatang.gates import Verdict
from hatang.i18n import language

router = APIRouter(prefix="/findings")
Text = Annotated[str, Form(max_length=4_000)]
Digest = Annotated[str, Form(pattern=r"^[0-9a-f]{64}$")]
QuestionId = Annotated[str, Path(max_length=16)]
Subject = Annotated[str, Path(max_length=80)]
VERDICTS: Final = (Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE)
STATES: Final = ("due", "waiting", "answered")
MOST_FILES: Final = 10


async def received(request: Request, caller: CallerDep) -> service.Reply:
    """Return the answer of a form with its files; the caller is known before the body is read."""
    del caller
    form = await request.form(max_files=MOST_FILES + 1, max_fields=20)
    text = {name: value for name, value in form.items() if isinstance(value, str)}
    given = [one for one in form.getlist("files") if isinstance(one, UploadFile) and one.filename]
    files = [service.File(_name(one.filename or ""), await one.read()) for one in given]
    place = request.path_params
    return service.Reply(
        place["question"],
        place["subject"],
        text.get("verdict", "")[:16],
        text.get("text", "")[:4_000],
        tuple(files),
    )


ReplyDep = Annotated[service.Reply, Depends(received)]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which questions are shown: by question, by what it is about, by where it stands."""

    question: Annotated[str, Query(max_length=16)] = ""
    about: Annotated[str, Query(max_length=80)] = ""
    state: Annotated[Literal["", "due", "waiting", "answered"], Query()] = ""

    def fits(self, row: service.QuestionRow) -> bool:
        """Tell whether `row` is among them."""
        standing = {"due": row.is_overdue, "waiting": row.waiting is not None}
        return (
            self.question in {"", row.question_id}
            and self.about in {"", row.subject}
            and standing.get(self.state, not self.state or not row.is_overdue)
        )


ChosenDep = Annotated[Chosen, Depends()]


@router.get("/questions")
def list_page(
    request: Request, caller: CallerDep, window: WindowDep, chosen: ChosenDep
) -> HTMLResponse:
    """Show every question about every unit and system, what was never answered first."""
    with caller.read() as session:
        asked = service.list_questions(session, caller.actor)
    rows = [row for row in asked if chosen.fits(row)]
    shown = rows[window.offset : window.offset + window.limit]
    questions = sorted({row.question_id for row in asked})
    values: dict[str, Any] = {
        "rows": [(row, _title(row.question_id)) for row in shown],
        "window": window,
        "chosen": chosen,
        "query": urlencode({name: value for name, value in asdict(chosen).items() if value}),
        "questions": [(one, _title(one)) for one in questions],
        "subjects": sorted({(row.subject, row.name) for row in asked}, key=lambda one: one[1]),
        "states": STATES,
        "asked": len(asked),
        "total": len(rows),
        "due": sum(row.is_overdue for row in rows),
    }
    return page(request, "questions.html", **values)


@router.get("/questions/{question}/{subject:path}")
def question_page(
    request: Request, caller: CallerDep, question: QuestionId, subject: Subject
) -> HTMLResponse:
    """Show one question about one subject, its answers with their evidence, and the form."""
    with caller.read() as session:
        row = _find(service.list_questions(session, caller.actor), question, subject)
        answers = [
            one
            for one in service.list_answers(session, caller.actor)
            if (one.question_id, one.subject) == (question, subject)
        ]
    asked = packs.load().question(question)
    chosen = language()
    values: dict[str, Any] = {
        "row": row,
        "title": getattr(asked.title, chosen),
        "asks": getattr(asked.asks, chosen),
        "evidence": getattr(asked.evidence, chosen),
        "answers": answers,
        "verdicts": VERDICTS,
        "asker": caller.actor.name,
        "has_second_factor": caller.identity.has_second_factor,
    }
    return page(request, "question.html", **values)


@router.post("/questions/{question}/{subject:path}")
def answer(
    caller: CallerDep, question: QuestionId, subject: Subject, reply: ReplyDep
) -> RedirectResponse:
    """Answer a question, for another person to accept."""
    with caller.write() as session:
        service.answer(session, caller.actor, reply)
    return _back(question, subject)


@router.post("/answers/{number}/approve")
def approve(
    caller: CallerDep, number: RowNumber, sha256: Digest, comment: Text = ""
) -> RedirectResponse:
    """Accept the answer that was shown."""
    return _decide(caller, number, sha256, comment, approve=True)


@router.post("/answers/{number}/reject")
def reject(
    caller: CallerDep, number: RowNumber, sha256: Digest, comment: Text = ""
) -> RedirectResponse:
    """Refuse the answer that was shown."""
    return _decide(caller, number, sha256, comment, approve=False)


@router.get("/evidence/{number}")
def evidence(caller: CallerDep, number: RowNumber) -> Response:
    """Send a file of evidence as it was given, to be saved and never shown by itself."""
    with caller.read() as session:
        row, data = service.attachment(session, caller.actor, number)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(row.filename)}"}
    return Response(data, media_type=row.media, headers=headers)


@router.post("/reviews")
def review(
    caller: CallerDep,
    device: Annotated[str, Form(max_length=200)],
    rule: Annotated[str, Form(max_length=16)],
    sha256: Digest,
    note: Text = "",
) -> RedirectResponse:
    """Say that one reviewed the finding that was shown."""
    caller.prove(Permission.WAIVER_APPROVE)
    with caller.write() as session:
        service.review(session, caller.actor, (device, rule), sha256, note)
    return RedirectResponse(f"/findings/devices/{quote(device)}", 303)


def _decide(
    caller: Caller, number: int, digest: str, comment: str, *, approve: bool
) -> RedirectResponse:
    caller.prove(Permission.WAIVER_APPROVE)
    with caller.write() as session:
        service.decide_answer(
            session, caller.actor, number, digest, approve=approve, comment=comment
        )
        given = next(one for one in service.list_answers(session, caller.actor) if one.id == number)
    return _back(given.question_id, given.subject)


def _back(question: str, subject: str) -> RedirectResponse:
    return RedirectResponse(f"/findings/questions/{quote(question)}/{quote(subject)}", 303)


def _find(rows: list[service.QuestionRow], question: str, subject: str) -> service.QuestionRow:
    for row in rows:
        if (row.question_id, row.subject) == (question, subject):
            return row
    raise NotFoundError(f"question {question[:16]} is not asked about {subject[:80]}")


def _title(question_id: str) -> str:
    text: str = getattr(packs.load().question(question_id).title, language())
    return text


def _name(filename: str) -> str:
    return re.split(r"[/\\]", filename)[-1][:120]
