"""Importing a file: its plan with every repair, or every problem; then exactly that plan."""

import re
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from starlette.datastructures import UploadFile

from api.callers import CallerDep
from api.rest.schemas.imports import Imported, ImportPlan, PlannedRow
from hatang.auth import Permission
from hatang.errors import ConflictError, InvalidInputError, Problem
from inventory import planning, service
from inventory.planning import Terms

router = APIRouter(prefix="/imports", tags=["inventory"])
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


UploadDep = Annotated[Upload, Depends(received)]
Hidden = Annotated[bool, Query()]


@router.post("/plan")
def plan_import(caller: CallerDep, file: UploadDep, *, hidden: Hidden = False) -> ImportPlan:
    """Return what importing a file (YAML, XLSX, XLS, ODS, CSV) would do; nothing is changed.

    The body is the file, or a form with `file`. A workbook's hidden parts count if `hidden`.
    """
    lab, terms = caller.context.settings.lab, Terms(hidden=hidden)
    source = service.open_source(file.data, file.filename)
    with caller.read() as session:
        plan = service.plan_import(
            session, caller.actor, source, file.filename, lab=lab, terms=terms
        )
    return _shown(plan)


@router.post("", status_code=201)
def apply_import(
    caller: CallerDep, file: UploadDep, plan: Digest, *, hidden: Hidden = False
) -> Imported:
    """Apply a file if its plan still is the one with the hash `plan`: everything or nothing."""
    caller.prove(Permission.INVENTORY_WRITE)
    lab, terms = caller.context.settings.lab, Terms(hidden=hidden)
    source = service.open_source(file.data, file.filename)
    with caller.write() as session:
        found = service.plan_import(
            session, caller.actor, source, file.filename, lab=lab, terms=terms
        )
        if found.sha256 != plan:
            fix = "Plan it again and read what changed."
            raise ConflictError("this is not the plan of this file now", fix=fix)
        service.apply_import(session, caller.actor, found, f"api:{file.filename}")
    return Imported(sha256=found.sha256, counts=found.counts())


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
        workbook=None if plan.reading is None else plan.reading.summary(),
    )
