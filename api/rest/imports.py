"""Importing a file: its plan with every repair, or every problem; then exactly that plan."""

import re
from typing import Annotated, Final, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from starlette.datastructures import UploadFile

from api.callers import CallerDep, memory_given_back
from api.rest.hostkeys import prove_plan
from api.rest.paging import Page, RowNumber, WindowDep, page_of
from api.rest.schemas.imports import Import, Imported, ImportPlan, PlannedRow
from hatang.auth import Permission
from hatang.errors import ConflictError, InvalidInputError, Problem
from inventory import planning, service
from inventory.planning import Prune, Terms

router = APIRouter(prefix="/imports", tags=["inventory"], dependencies=[Depends(memory_given_back)])
Digest = Annotated[str, Query(pattern=r"^[0-9a-f]{64}$")]
_PATH = re.compile(r"[/\\]")


class Upload(NamedTuple):
    """A file as it came; its size is capped where requests come in."""

    filename: str
    data: bytes


async def received(
    request: Request,
    caller: CallerDep,
    filename: Annotated[str, Query(max_length=120)] = "",
) -> Upload:
    """Return the file of the body, raw or in a form; the caller is known before it is read.

    Raises:
        InvalidInputError: a form without a file, or an empty body.
    """
    name, data = filename or "import", b""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        form = await request.form(max_files=1, max_fields=20)
        file = form.get("file")
        if isinstance(file, UploadFile):
            name, data = filename or file.filename or name, await file.read()
    else:
        data = await request.body()
    if not data:
        fix = "Send the file as the body, or as `file` of a form."
        raise InvalidInputError([Problem("request", "file", "", "is missing", fix)])
    return Upload(_PATH.split(name)[-1][:120], data)


NOTHING: Final[list[str]] = []


def terms_of(
    *,
    hidden: Annotated[bool, Query(description="Take a workbook's hidden parts too.")] = False,
    only: Annotated[
        list[str],
        Query(description="A KIND, or a row KIND:KEY; may be given again.", max_length=5000),
    ] = NOTHING,
    prune: Annotated[
        str, Query(description="Within this unit (code) what the file lacks goes.", max_length=64)
    ] = "",
) -> Terms:
    """Return what of the file is taken, and what is pruned."""
    chosen = frozenset(planning.parse_choice(one) for one in only)
    return Terms(chosen, Prune(prune) if prune else None, hidden=hidden)


UploadDep = Annotated[Upload, Depends(received)]
TermsDep = Annotated[Terms, Depends(terms_of)]


@router.post("/plan")
def plan_import(caller: CallerDep, file: UploadDep, terms: TermsDep) -> ImportPlan:
    """Return what importing a file (YAML, XLSX, XLS, ODS, CSV) would do; nothing is changed.

    The body is the file, or a form with `file`. Of the file `only` some kinds or rows may be
    taken; a chosen row brings what it refers to.
    """
    lab = caller.context.settings.lab
    source = service.open_source(file.data, file.filename)
    with caller.read() as session:
        plan = service.plan_import(
            session, caller.actor, source, file.filename, lab=lab, terms=terms
        )
    return _shown(plan)


@router.post("", status_code=201)
def apply_import(caller: CallerDep, file: UploadDep, terms: TermsDep, plan: Digest) -> Imported:
    """Apply a file if its plan still is the one with the hash `plan`: everything or nothing."""
    caller.prove(Permission.INVENTORY_WRITE)
    lab = caller.context.settings.lab
    source = service.open_source(file.data, file.filename)
    with caller.write() as session:
        found = service.plan_import(
            session, caller.actor, source, file.filename, lab=lab, terms=terms
        )
        if found.sha256 != plan:
            fix = "Plan it again and read what changed."
            raise ConflictError("this is not the plan of this file now", fix=fix)
        prove_plan(caller, found)
        service.apply_import(session, caller.actor, found, f"api:{file.filename}")
    return Imported(sha256=found.sha256, counts=found.counts())


@router.get("")
def list_imports(caller: CallerDep, window: WindowDep) -> Page[Import]:
    """Return what was imported, the latest first."""
    with caller.read() as session:
        query = window.query({}, sort="-id")
        return page_of(Import, service.list_imports(session, caller.actor, query))


@router.get("/{number}/undo")
def plan_undo(caller: CallerDep, number: RowNumber) -> ImportPlan:
    """Return what taking an import back would do, or which later changes stand in its way."""
    with caller.read() as session:
        return _shown(service.plan_undo(session, caller.actor, number))


@router.post("/{number}/undo", status_code=201)
def undo_import(caller: CallerDep, number: RowNumber, plan: Digest) -> Imported:
    """Take an import back if that still is the plan with the hash `plan`."""
    caller.prove(Permission.INVENTORY_WRITE)
    with caller.write() as session:
        done = service.undo_import(session, caller.actor, number, "api", plan)
    return Imported(sha256=done.sha256, counts=done.counts())


def _shown(plan: planning.ImportPlan) -> ImportPlan:
    groups = (("create", plan.created), ("change", plan.changed), ("remove", plan.removed))
    rows = [
        PlannedRow(
            do=do,
            kind=row.kind,
            key=row.key,
            fields={name: (one.before, one.after) for name, one in row.fields.items()},
        )
        for do, planned in groups
        for row in planned
    ]
    return ImportPlan(
        filename=plan.filename,
        sha256=plan.sha256,
        counts=plan.counts(),
        rows=rows,
        dragged=[f"{ref.kind}:{ref.key}" for ref in plan.dragged],
        left_out=len(plan.left_out),
        warnings=[str(problem) for problem in plan.warnings],
        workbook=None if plan.reading is None else plan.reading.summary(),
    )
