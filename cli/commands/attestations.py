"""Configurations judged by rules, with evidence: reports, and what persons answer for."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Annotated

import typer

from api import audit_report
from api.self_report import self_document
from api.sheet_report import sheet_document
from baselines import itself, service
from baselines.service import By
from cli.command import noun, verb
from cli.commands import baselines as judging
from cli.commands import scans
from cli.commands.baselines import AtOption, DeviceOption, VerdictOption, baseline, moment
from cli.door import door
from cli.itself import show_self
from cli.options import LanguageOption
from cli.output import say, show, show_rows
from cli.reporting import in_language, write
from hatang.errors import InvalidInputError, NotFoundError, Problem
from hatang.i18n import LANGUAGES, use_language

question: typer.Typer = noun("question", "What no machine can check, answered with evidence.")
sheet: typer.Typer = noun("sheet", "The annual data sheet (Form 08), frozen on its date.")

ByOption = Annotated[By, typer.Option("--by", help="unit, system, level, device or rule.")]


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    baseline.add_typer(question)
    baseline.add_typer(sheet)
    scans.register()
    judging.register(app)


@verb(baseline, "posture")
def posture(*, by: ByOption = By.UNIT, at: AtOption = "") -> None:
    """Show how units, systems, levels, devices or rules stand, the worst first.

    Example: hatang baseline posture --by level --as truc
    """
    with door().read() as (session, actor):
        rows = service.posture(session, actor, by, moment(at))
    show_rows(rows, "key", "name", "ratio", "ratio_unwaived", "verdicts", "devices")


@verb(baseline, "report")
def report(  # noqa: PLR0913 - each is an option
    *,
    out: Annotated[Path, typer.Option("--out", help=f"A file: {', '.join(audit_report.FORMS)}.")],
    by: ByOption = By.UNIT,
    key: Annotated[str, typer.Option(help="Of this unit, system, level … only.")] = "",
    device: DeviceOption = "",
    rule: Annotated[str, typer.Option(help="Of this rule only.")] = "",
    verdict: VerdictOption = "",
    at: AtOption = "",
    sample: Annotated[int, typer.Option(min=0, max=10_000, help="Draw so many devices.")] = 0,
    seed: Annotated[str, typer.Option(help="What draws them; else a fresh one is made.")] = "",
    language: LanguageOption = "vi",
) -> None:
    """Write the audit report as a file: score, groups, trend, repairs, sample, findings.

    Example: hatang baseline report --out audit.docx --by level --sample 30 --seed 2026 --as truc
    """
    if language not in LANGUAGES:
        raise typer.BadParameter(f"--language takes {' or '.join(LANGUAGES)}, not {language}")
    form = audit_report.form_of(out.name)
    drawn_by = seed or secrets.token_hex(8)
    choice = audit_report.Choice(by, key, moment(at), device, rule, verdict, sample, drawn_by)
    opened = door()
    with use_language(language), opened.read() as (session, actor):
        data = audit_report.audit_file(session, actor, choice, form, opened.settings.timezone)
    out.write_bytes(data)
    show({"written": str(out), "bytes": len(data), **({"seed": drawn_by} if sample else {})})


@verb(baseline, "review")
def review(
    device: str,
    rule: str,
    *,
    sha256: Annotated[str, typer.Option(help="The hash of the finding you have read.")],
    note: Annotated[str, typer.Option(help="For the record.")] = "",
) -> None:
    """Say that you reviewed exactly the finding you have read, with what proves it.

    Example: hatang baseline review hub-1 AAA-04 --sha256 5f1c… --as hoa
    """
    with door().write() as (session, actor):
        service.review(session, actor, (device, rule), sha256, note)
    say(f"{rule} of {device} is reviewed")


@verb(baseline, "self")
def show_newest(
    *,
    out: Annotated[Path | None, typer.Option(help="Write this file: .pdf, .docx or .xlsx.")] = None,
    language: LanguageOption = "vi",
) -> None:
    """Show the newest audit of hatang itself, or write it as a report.

    Example: hatang baseline self --out hatang.pdf --as truc
    """
    opened = door()
    with opened.read() as (session, actor):
        found = itself.latest(session, actor)
    if found is None:
        raise NotFoundError("hatang was not judged yet", fix="Run: hatang baseline run --self")
    if out is None:
        show_self(found)
        return
    with in_language(language, out):
        write(self_document(found, opened.settings.timezone), out)


@verb(baseline, "accounts")
def accounts() -> None:
    """List accounts for their review; idle is who did not log in for 45 days.

    Example: hatang baseline accounts --as truc
    """
    with door().read() as (session, actor):
        rows = service.review_accounts(session, actor)
    show_rows(rows, "name", "roles", "is_idle", "idle_days", "has_second_factor", "is_active")


@verb(question, "list")
def list_questions(*, at: AtOption = "") -> None:
    """List every question about every unit and system: the calendar of what is due.

    Example: hatang baseline question list --as truc
    """
    with door().read() as (session, actor):
        rows = service.list_questions(session, actor, moment(at))
    show_rows(rows, "question_id", "subject", "level", "verdict", "due_at", "is_overdue", "waiting")


@verb(question, "answer")
def answer(
    number: Annotated[str, typer.Argument(help="The question, such as POL-03.")],
    subject: Annotated[str, typer.Argument(help="owner, unit:CODE or system:CODE.")],
    verdict: Annotated[str, typer.Argument(help="pass, fail or not_applicable.")],
    *,
    text: Annotated[str, typer.Option(help="What was looked at.")],
    file: Annotated[list[Path] | None, typer.Option(help="Evidence; may be repeated.")] = None,
) -> None:
    """Answer a question with evidence, for another person to accept.

    Example: hatang baseline question answer POL-03 unit:stttt pass --text "…" --file list.pdf
    """
    files = tuple(_read(path) for path in file or ())
    reply = service.Reply(number, subject, verdict, text, files)
    with door().write() as (session, actor):
        given = service.answer(session, actor, reply)
    show({"answer": given})


@verb(question, "answers")
def list_answers() -> None:
    """List answers with their evidence, the newest first.

    Example: hatang baseline question answers --as hoa
    """
    with door().read() as (session, actor):
        rows = service.list_answers(session, actor)
    show_rows(rows, "id", "question_id", "subject", "verdict", "state", "author", "sha256")


@verb(question, "decide")
def decide(
    number: int,
    *,
    sha256: Annotated[str, typer.Option(help="The hash of the answer you have read.")],
    approve: Annotated[bool, typer.Option("--approve/--reject", help="Yes or no.")],
    comment: Annotated[str, typer.Option(help="For the record.")] = "",
) -> None:
    """Accept or refuse exactly the answer you have read; never your own.

    Example: hatang baseline question decide 3 --sha256 5f1c… --approve --as hoa
    """
    with door().write() as (session, actor):
        service.decide_answer(session, actor, number, sha256, approve=approve, comment=comment)
    say(f"answer {number} is {'accepted' if approve else 'refused'}")


@verb(question, "evidence")
def evidence(
    number: int, *, out: Annotated[Path, typer.Option("--out", help="Write this file.")]
) -> None:
    """Write a file of evidence as it was given.

    Example: hatang baseline question evidence 5 --out list.pdf --as truc
    """
    with door().read() as (session, actor):
        row, data = service.attachment(session, actor, number)
    out.write_bytes(data)
    show({"written": str(out), "sha256": row.sha256, "filename": row.filename})


@verb(sheet, "show")
def show_sheet(
    year: int,
    *,
    out: Annotated[
        Path | None, typer.Option(help="Write the frozen one: .pdf, .docx or .xlsx.")
    ] = None,
    language: LanguageOption = "vi",
) -> None:
    """Show a year's sheet: the frozen one, else as it would be now; or write it to be signed.

    Example: hatang baseline sheet show 2026 --out sheet.docx --as truc
    """
    opened = door()
    with opened.read() as (session, actor):
        if out is None and not service.is_frozen(session, year):
            now = service.written(service.preview(session, actor, year))
            show({"frozen": False} | json.loads(now))
            return
        found = service.get_sheet(session, actor, year)
    if out is not None:
        with in_language(language, out):
            write(sheet_document(found, opened.settings.timezone), out)
        return
    told = {"frozen": True, "sha256": found.sha256, "frozen_sha256": found.frozen_sha256}
    told |= {"frozen_at": found.frozen_at, "signed": [one.sha256 for one in found.signed]}
    show(told | json.loads(found.content))


@verb(sheet, "freeze")
def freeze(year: int) -> None:
    """Freeze a year's sheet for good, from 15 December on; the worker does it by itself.

    Example: hatang baseline sheet freeze 2026 --as lan
    """
    with door().write() as (session, actor):
        digest = service.freeze(session, actor, year)
    show({"year": year, "sha256": digest})


@verb(sheet, "sign")
def sign(year: int, file: Path) -> None:
    """Take the signed copy of a frozen sheet back as evidence.

    Example: hatang baseline sheet sign 2026 signed.pdf --as lan
    """
    given = _read(file)
    with door().write() as (session, actor):
        digest = service.keep_signed(session, actor, year, given)
    show({"year": year, "sha256": digest})


def _read(path: Path) -> service.File:
    if not path.is_file():
        fix = "Name a file that is there."
        raise InvalidInputError([Problem("command", "file", str(path)[-80:], "is missing", fix)])
    return service.File(path.name, path.read_bytes())
