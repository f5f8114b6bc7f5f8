"""Importing a file in the browser: its plan or all its errors, then exactly that plan; and undo."""

from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.callers import Caller, CallerDep, memory_given_back
from api.rest.hostkeys import prove_plan
from api.rest.imports import TermsDep, terms_of
from api.rest.paging import WindowDep
from api.web import terms, uploads
from api.web.rendering import page
from api.web.uploads import UploadDep
from hatang.auth import Actor, Permission
from hatang.errors import ConflictError, InvalidInputError
from hatang.i18n import LANGUAGES
from inventory import planning
from inventory import service as inventory
from inventory.planning import ImportPlan, Terms
from inventory.rows import EVERYTHING
from inventory.rows import Query as Rows
from inventory.service import history
from inventory.service.importing import require_province

router = APIRouter(prefix="/inventory", dependencies=[Depends(memory_given_back)])
Digest = Annotated[str, Form(pattern=r"^[0-9a-f]{64}$")]
Token = Annotated[str, Path(max_length=60)]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
# How a plan page begins: what came of the last try to apply it.
Outcome = Annotated[Literal["", "changed", "unconfirmed"], Query()]
SHOWN_ROWS = 50
SHOWN_REMOVED = 2_000
CONFIRMED_ABOVE = 10
"""More removals than this want the unit's code typed."""
SHOWN_PROBLEMS = 1_000
SHOWN_REPAIRS = 200
HIDDEN = "is hidden"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/import")
def import_page(request: Request, caller: CallerDep, window: WindowDep) -> HTMLResponse:
    """Show the form for a file, the template, and what was imported before."""
    return _import_page(request, caller, window.limit, window.offset)


@router.post("/import")
def upload(request: Request, caller: CallerDep, file: UploadDep) -> Response:
    """Take a file and go to its plan; nothing is changed."""
    require_province(caller.actor)
    return RedirectResponse(f"/inventory/import/{uploads.keep(caller, file)}", 303)


@router.get("/import/template")
def template(caller: CallerDep, language: Annotated[str, Query()] = "vi") -> Response:
    """Return a workbook to fill in, in one of the languages."""
    chosen = language if language in LANGUAGES else "vi"
    with caller.read() as session:
        data = inventory.write_template(session, caller.actor, chosen)
    headers = {"Content-Disposition": f'attachment; filename="hatang-{chosen}.xlsx"'}
    return Response(data, media_type=XLSX, headers=headers)


@router.get("/import/{token}")
def plan_page(
    request: Request, caller: CallerDep, token: Token, wanted: TermsDep, outcome: Outcome = ""
) -> HTMLResponse:
    """Show what importing the file, or the chosen part, would do, or everything wrong with it."""
    file = uploads.find(caller, token)
    part = _part(caller, token, wanted)
    try:
        plan = _plan(caller, file, wanted)
    except InvalidInputError as error:
        return _refused(request, error, file.filename, part=part)
    values: dict[str, Any] = {
        "outcome": outcome,
        "reading": plan.reading,
        "has_hidden": plan.reading is not None
        and any(one.why == HIDDEN for one in plan.reading.skipped),
        "shown_repairs": SHOWN_REPAIRS,
        "shown_problems": SHOWN_PROBLEMS,
        "must_confirm": wanted.prune is not None and len(plan.removed) > CONFIRMED_ABOVE,
        "dragged": {planning.spelt(ref) for ref in plan.dragged},
        "part": part,
        **_told(plan),
    }
    return page(request, "import_plan.html", **values)


@router.post("/import/{token}/apply")
def apply(
    caller: CallerDep,
    token: Token,
    plan_sha256: Digest,
    part: Annotated[str, Form(max_length=200_000)] = "",
    confirm: Annotated[str, Form(max_length=64)] = "",
) -> RedirectResponse:
    """Write exactly the plan that was shown; when it is another by now, show that one."""
    caller.prove(Permission.INVENTORY_WRITE)
    file = uploads.find(caller, token)
    wanted = _terms(part)
    plan = _plan(caller, file, wanted)
    prove_plan(caller, plan)
    if plan.sha256 != plan_sha256:
        return _again(token, wanted, "changed")
    if wanted.prune and len(plan.removed) > CONFIRMED_ABOVE and confirm != wanted.prune.scope:
        return _again(token, wanted, "unconfirmed")
    try:
        with caller.write() as session:
            inventory.apply_import(session, caller.actor, plan, f"web:{file.filename}")
            number = _latest(session, caller.actor)
    except ConflictError:
        return _again(token, wanted, "changed")
    uploads.forget(caller, token)
    return RedirectResponse(f"/inventory/imports/{number}", 303)


@router.get("/imports/{number}")
def done_page(request: Request, caller: CallerDep, number: Number) -> HTMLResponse:
    """Show what an import wrote, and the way back."""
    with caller.read() as session:
        row, deeds = history.get_import(session, caller.actor, number)
    return page(
        request,
        "import_done.html",
        done=row,
        verbs=_verbs(deeds.created, deeds.changed, deeds.removed),
        may_import=_may_import(caller.actor),
    )


@router.get("/imports/{number}/undo")
def undo_page(request: Request, caller: CallerDep, number: Number) -> HTMLResponse:
    """Show what taking an import back would do, or what stands in its way."""
    try:
        with caller.read() as session:
            row, _deeds = history.get_import(session, caller.actor, number)
            plan = inventory.plan_undo(session, caller.actor, number)
    except InvalidInputError as error:
        return _refused(request, error, row.filename, number)
    return page(request, "import_undo.html", done=row, **_told(plan))


@router.post("/imports/{number}/undo")
def undo(caller: CallerDep, number: Number, plan_sha256: Digest) -> RedirectResponse:
    """Take an import back by exactly the plan that was shown."""
    caller.prove(Permission.INVENTORY_WRITE)
    with caller.write() as session:
        inventory.undo_import(session, caller.actor, number, "web", plan_sha256)
        latest = _latest(session, caller.actor)
    return RedirectResponse(f"/inventory/imports/{latest}", 303)


def _import_page(request: Request, caller: Caller, limit: int, offset: int) -> HTMLResponse:
    query = Rows(sort="-id", limit=limit, offset=offset)
    with caller.read() as session:
        found = inventory.list_imports(session, caller.actor, query)
    may = _may_import(caller.actor)
    values: dict[str, Any] = {"found": found, "may_import": may, "window": query}
    return page(request, "import.html", **values)


def _may_import(actor: Actor) -> bool:
    """Tell whether the actor may write the whole province, of which files speak."""
    if not actor.may(Permission.INVENTORY_WRITE):
        return False
    return actor.acting(Permission.INVENTORY_WRITE).scope_ids is None


def _part(caller: Caller, token: str, wanted: Terms) -> dict[str, Any]:
    """Return what of a file is taken, as its form shows it, and the units to prune within."""
    with caller.read() as session:
        units = inventory.list_units(session, caller.actor, EVERYTHING).items
    return {
        "token": token,
        "hidden": wanted.hidden,
        "only": {planning.spelt(one) for one in wanted.only},
        "prune": wanted.prune.scope if wanted.prune else "",
        "units": units,
        "spelt": _spelt(wanted),
    }


def _spelt(wanted: Terms) -> str:
    """Return what of a file is taken as an address asks for it; `_terms` reads it again."""
    asked: list[tuple[str, str]] = [
        ("only", one) for one in sorted(map(planning.spelt, wanted.only))
    ]
    asked += [("prune", wanted.prune.scope)] if wanted.prune else []
    asked += [("hidden", "true")] if wanted.hidden else []
    return urlencode(asked)


def _terms(spelt: str) -> Terms:
    asked = parse_qs(spelt)
    (prune,) = asked.get("prune", [""])
    return terms_of(hidden="hidden" in asked, only=asked.get("only", []), prune=prune)


def _again(token: str, wanted: Terms, outcome: str) -> RedirectResponse:
    query = "&".join(one for one in (f"outcome={outcome}", _spelt(wanted)) if one)
    return RedirectResponse(f"/inventory/import/{token}?{query}", 303)


def _plan(caller: Caller, file: uploads.Upload, wanted: Terms) -> ImportPlan:
    require_province(caller.actor)
    source = inventory.open_source(file.data, file.filename)
    lab = caller.context.settings.lab
    with caller.read() as session:
        return inventory.plan_import(
            session, caller.actor, source, file.filename, lab=lab, terms=wanted
        )


def _told(plan: ImportPlan) -> dict[str, Any]:
    return {"plan": plan, "verbs": _verbs(plan.created, plan.changed, plan.removed)}


def _verbs(*rows: Any) -> list[tuple[str, list[terms.Group]]]:  # noqa: ANN401 RUF100 - planned rows
    by_verb = dict(zip(("created", "changed", "removed"), rows, strict=True))
    # What is taken away is read first, and by name.
    shown = {"removed": SHOWN_REMOVED, "created": SHOWN_ROWS, "changed": SHOWN_ROWS}
    return [
        (name, terms.groups(by_verb[name], count)) for name, count in shown.items() if by_verb[name]
    ]


def _latest(session: Any, actor: Actor) -> int:  # noqa: ANN401 RUF100 - a session
    (row,) = inventory.list_imports(session, actor, Rows(sort="-id", limit=1)).items
    return row.id


def _refused(
    request: Request,
    error: InvalidInputError,
    filename: str,
    undoes: int | None = None,
    part: dict[str, Any] | None = None,
) -> HTMLResponse:
    offered = error.offered if isinstance(error, planning.RefusedImportError) else {}
    values: dict[str, Any] = {
        "filename": filename,
        "problems": error.problems[:SHOWN_PROBLEMS],
        "count": len(error.problems),
        "undoes": undoes,
        "part": part,
        "offered": [(kind, keys[:SHOWN_ROWS], len(keys)) for kind, keys in offered.items()],
    }
    return page(request, "import_refused.html", **values)
