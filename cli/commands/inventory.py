"""What exists: importing it, exporting it, taking an import back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import noun, verb
from cli.commands.province import province
from cli.door import door
from cli.output import say, show, show_page, show_rows, show_text, wants_json
from hatang.errors import InvalidInputError, NotFoundError, Problem
from hatang.i18n import LANGUAGES
from inventory import service
from inventory.planning import Prune, Terms, parse_choice
from inventory.rows import Query

if TYPE_CHECKING:
    from inventory.planning import ImportPlan
    from inventory.sheets.findings import Reading

inventory: typer.Typer = noun("inventory", "Everything that exists, as a file.")
inventory.add_typer(province)

FileArgument = Annotated[
    Path, typer.Argument(help="The inventory: YAML version 1, or XLSX, XLS, ODS or CSV.")
]
HiddenOption = Annotated[
    bool, typer.Option("--hidden", help="Import a workbook's hidden sheets, rows, columns too.")
]
OnlyOption = Annotated[
    list[str] | None,
    typer.Option(help="Of the file only this KIND, or row KIND:KEY; may be given again."),
]
PruneOption = Annotated[
    bool, typer.Option("--prune", help="Remove what the file no longer has; needs --scope.")
]
ScopeOption = Annotated[str, typer.Option("--scope", help="Remove only within this unit (code).")]
LanguageOption = Annotated[str, typer.Option(help="Of headers and words: vi or en.")]
PlanOption = Annotated[
    str, typer.Option("--plan", help="Only if the plan is the one with this hash.")
]


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(inventory)


@verb(inventory, "plan")
def plan(
    file: FileArgument,
    *,
    hidden: HiddenOption = False,
    only: OnlyOption = None,
    prune: PruneOption = False,
    scope: ScopeOption = "",
) -> None:
    """Show what importing a file would do; nothing is changed.

    Example: hatang inventory plan lab.yaml --only site --as lan
    """
    terms = _terms(only or [], hidden=hidden, prune=prune, scope=scope)
    _check(file)
    source = service.open_source(file)
    with door().read() as (session, actor):
        lab = door().settings.lab
        found = service.plan_import(session, actor, source, file.name, lab=lab, terms=terms)
    _show_plan(found)


@verb(inventory, "import")
def import_(  # noqa: PLR0913 RUF100 - a parameter is an option
    file: FileArgument,
    *,
    sha256: PlanOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="As `inventory plan`.")] = False,
    hidden: HiddenOption = False,
    only: OnlyOption = None,
    prune: PruneOption = False,
    scope: ScopeOption = "",
) -> None:
    """Apply a file in one transaction: everything, or nothing and every error at once.

    Example: hatang inventory import points.xlsx --dry-run --as lan
    """
    if dry_run:
        plan(file, hidden=hidden, only=only, prune=prune, scope=scope)
        return
    terms = _terms(only or [], hidden=hidden, prune=prune, scope=scope)
    _check(file)
    source = service.open_source(file)
    with door().write() as (session, actor):
        lab = door().settings.lab
        found = service.plan_import(session, actor, source, file.name, lab=lab, terms=terms)
        if sha256 and found.sha256 != sha256:
            fix = "Plan it again and read what changed."
            problem = Problem(file.name, "plan", sha256, "is not the plan of this file now", fix)
            raise InvalidInputError([problem])
        service.apply_import(session, actor, found, f"cli:{file.name}")
    _show_plan(found)
    say("applied" if not found.is_empty else "nothing to do")


def _terms(only: list[str], *, hidden: bool, prune: bool, scope: str) -> Terms:
    if prune != bool(scope):
        name, value = ("prune", scope) if scope else ("scope", "")
        fix = "Give --prune with --scope CODE: what is removed lies within one unit."
        raise InvalidInputError([Problem("command", name, value, "is missing", fix)])
    chosen = frozenset(parse_choice(one) for one in only)
    return Terms(chosen, Prune(scope) if prune else None, hidden=hidden)


@verb(inventory, "history")
def history(*, limit: Annotated[int, typer.Option(help="The latest only.")] = 50) -> None:
    """List what was imported, when, by whom, from which file.

    Example: hatang inventory history --as lan
    """
    with door().read() as (session, actor):
        page = service.list_imports(session, actor, Query(sort="-id", limit=limit))
    show_page(page, "id", "verb", "applied_at", "applied_by", "filename", "counts", "undone_by")


@verb(inventory, "undo")
def undo(
    number: Annotated[int, typer.Argument(help="The import's id in `inventory history`.")],
    *,
    sha256: PlanOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show only what it would do.")] = False,
) -> None:
    """Take an import back, unless later changes touched the same fields.

    Example: hatang inventory undo 12 --dry-run --as lan
    """
    if dry_run:
        with door().read() as (session, actor):
            found = service.plan_undo(session, actor, number)
    else:
        with door().write() as (session, actor):
            found = service.undo_import(session, actor, number, "cli", sha256)
    _show_plan(found)
    say("nothing is changed" if dry_run else "taken back")


def _check(file: Path) -> None:
    if not file.is_file():
        raise NotFoundError(f"there is no file {file}")


def _show_plan(found: ImportPlan) -> None:
    groups = (("create", found.created), ("change", found.changed), ("remove", found.removed))
    rows = [
        {
            "do": do,
            "kind": row.kind,
            "key": row.key,
            "fields": {
                name: [difference.before, difference.after]
                for name, difference in row.fields.items()
            },
        }
        for do, planned in groups
        for row in planned
    ]
    more = {} if found.reading is None else {"workbook": found.reading.summary()}
    if wants_json():
        said = {
            "warnings": [str(problem) for problem in found.warnings],
            "dragged": [f"{ref.kind}:{ref.key}" for ref in found.dragged],
            "left_out": len(found.left_out),
        }
        show({"sha256": found.sha256, **found.counts(), "rows": rows, **said, **more})
        return
    show_rows(rows, "do", "kind", "key")
    if found.reading is not None:
        _show_reading(found.reading)
    for problem in found.warnings:
        say(f"doubtful: {problem}")
    if found.dragged:
        say(f"taken along: {', '.join(f'{ref.kind}:{ref.key}' for ref in found.dragged)}")
    show({"sha256": found.sha256, **found.counts()})


def _show_reading(reading: Reading) -> None:
    """Tell how a workbook was understood: what was repaired, and what was left out."""
    for note in reading.notes:
        say(note)
    for table in reading.tables:
        columns = ", ".join(f"{one.letter} {one.header} = {one.path}" for one in table.columns)
        place = f"{table.sheet} {table.header_rows[0]}".strip()
        say(f"{place}: {table.rows} {table.section}: {columns}")
    if reading.repairs:
        say("")
        repairs = [one._asdict() for one in reading.repairs]
        show_rows(repairs, "sheet", "row", "column", "before", "after", "why")
    if reading.skipped:
        say("")
        skipped = [one._asdict() for one in reading.skipped]
        show_rows(skipped, "sheet", "what", "place", "text", "why")
    say("")


@verb(inventory, "export")
def export(
    *,
    out: Annotated[
        Path | None, typer.Option(help="Write this file: .xlsx, .csv or .yaml; else YAML.")
    ] = None,
    section: Annotated[
        list[str] | None,
        typer.Option(help="Only devices, circuits, …; CSV takes one. May be given again."),
    ] = None,
    language: LanguageOption = "vi",
) -> None:
    """Write the whole inventory as a file that imports unchanged.

    Example: hatang inventory export --out province.xlsx --as lan
    """
    _check_language(language)
    form = "" if out is None else out.suffix.lower()
    _check_export(form, section or [])
    with door().read() as (session, actor):
        data = service.export(session, actor, form[1:] or "yaml", language, section or ())
    if out is None:
        show_text(data.decode())
    else:
        out.write_bytes(data)


@verb(inventory, "template")
def template(
    *,
    out: Annotated[Path, typer.Option(help="Write this XLSX file.")],
    language: LanguageOption = "vi",
) -> None:
    """Write a workbook to fill in, with lists to choose from and what each column means.

    Example: hatang inventory template --out template.xlsx --as lan
    """
    _check_language(language)
    with door().read() as (session, actor):
        data = service.write_template(session, actor, language)
    out.write_bytes(data)


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise typer.BadParameter(f"--language takes {' or '.join(LANGUAGES)}, not {language}")


def _check_export(form: str, sections: list[str]) -> None:
    if form not in {"", ".xlsx", ".csv", ".yaml"}:
        raise typer.BadParameter(f"--out takes a file .xlsx, .csv or .yaml, not {form}")
    if form == ".csv" and len(sections) != 1:
        raise typer.BadParameter("a CSV holds one --section")
    if form in {"", ".yaml"} and sections:
        raise typer.BadParameter("YAML holds every section: leave --section out")
