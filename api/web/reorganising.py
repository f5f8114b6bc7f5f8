"""Reorganisations: read before and after, what moves and who sees what, then decided by another."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.callers import Caller, CallerDep
from api.web import decisions, terms, uploads
from api.web.rendering import page
from api.web.uploads import UploadDep
from hatang.auth import Actor, Permission
from hatang.errors import ConflictError, InvalidInputError
from inventory.jobs import today
from inventory.reorganisation.plan import ReorganisationPlan, Transfer
from inventory.rows import UnitRow
from inventory.service import reorganising as service
from inventory.service.importing import require_province

router = APIRouter(prefix="/reorganisations")
Digest = Annotated[str, Form(pattern=r"^[0-9a-f]{64}$")]
Words = Annotated[str, Form(max_length=4_000)]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Token = Annotated[str, Path(max_length=60)]
SHOWN_MOVES = 50
SHOWN_PROBLEMS = 1_000


@dataclass(slots=True)
class Branch:
    """A unit of a drawn tree; `does` says what is done to it, "" for one that frames others."""

    code: str
    name: str
    kind: str
    does: str = ""
    children: list["Branch"] = field(default_factory=list)


@router.get("")
def list_page(request: Request, caller: CallerDep) -> HTMLResponse:
    """Show reorganisations, latest day first."""
    with caller.read() as session:
        rows = service.list_reorganisations(session, caller.actor)
    values: dict[str, Any] = {
        "rows": rows,
        "may_write": _whole(caller.actor, Permission.INVENTORY_WRITE),
    }
    return page(request, "reorganisations.html", decisions=decisions, **values)


@router.post("")
def upload(request: Request, caller: CallerDep, file: UploadDep) -> Response:
    """Take a file and go to what it would do; nothing is changed."""
    require_province(caller.actor)
    return RedirectResponse(f"/reorganisations/plan/{uploads.keep(caller, file)}", 303)


@router.get("/plan/{token}")
def plan_page(request: Request, caller: CallerDep, token: Token) -> HTMLResponse:
    """Show what the file would do on its day, or everything that is wrong with it."""
    file = uploads.find(caller, token)
    try:
        with caller.read() as session:
            plan = service.plan_reorganisation(session, caller.actor, _text(file), file.filename)
            units = service.units_as_of(session, caller.actor, today(caller.context.settings))
    except InvalidInputError as error:
        values: dict[str, Any] = {
            "filename": file.filename,
            "problems": error.problems[:SHOWN_PROBLEMS],
            "count": len(error.problems),
        }
        return page(request, "reorganisation_refused.html", **values)
    told = {"token": token, "filename": file.filename, "filed": None, **_told(plan, units)}
    return page(request, "reorganisation.html", **told)


@router.post("/plan/{token}/file")
def file(
    caller: CallerDep, token: Token, plan_sha256: Digest, reason: Words = ""
) -> RedirectResponse:
    """Put exactly the plan that was shown up for approval by another person."""
    found = uploads.find(caller, token)
    text, name = _text(found), found.filename
    with caller.write() as session:
        plan = service.plan_reorganisation(session, caller.actor, text, name)
        if plan.sha256 != plan_sha256:
            raise ConflictError(
                "the inventory has changed since this was planned",
                fix="Upload the file again and look at the differences.",
            )
        number = service.file_reorganisation(session, caller.actor, text, name, reason=reason)
    uploads.forget(caller, token)
    return _back(number)


@router.get("/{number}")
def reorganisation_page(request: Request, caller: CallerDep, number: Number) -> HTMLResponse:
    """Show one reorganisation; the decision stands below everything there is to read."""
    day = today(caller.context.settings)
    with caller.read() as session:
        found = service.get_reorganisation(session, caller.actor, number)
        units = service.units_as_of(session, caller.actor, day)
    told = {"token": "", "filename": "", "filed": found, **_told(found.plan, units)}
    values: dict[str, Any] = {
        "is_mine": found.requested_by == caller.actor.name,
        "is_due": found.effective_on <= day,
        "may_approve": _whole(caller.actor, Permission.CHANGE_APPROVE),
        "may_write": _whole(caller.actor, Permission.INVENTORY_WRITE),
        "has_second_factor": caller.identity.has_second_factor,
    }
    return page(request, "reorganisation.html", **told, **values)


@router.post("/{number}/approve")
def approve(
    caller: CallerDep, number: Number, plan_sha256: Digest, comment: Words = ""
) -> RedirectResponse:
    """Approve the plan that was shown; never one's own."""
    return _decide(caller, number, plan_sha256, comment, approve=True)


@router.post("/{number}/reject")
def reject(
    caller: CallerDep, number: Number, plan_sha256: Digest, comment: Words = ""
) -> RedirectResponse:
    """Reject the plan that was shown."""
    return _decide(caller, number, plan_sha256, comment, approve=False)


@router.post("/{number}/withdraw")
def withdraw(caller: CallerDep, number: Number) -> RedirectResponse:
    """Take back what is not applied."""
    with caller.write() as session:
        service.withdraw_reorganisation(session, caller.actor, number)
    return _back(number)


@router.post("/{number}/apply")
def apply(caller: CallerDep, number: Number) -> RedirectResponse:
    """Do what was approved, all or nothing."""
    with caller.write() as session:
        day = today(caller.context.settings)
        service.apply_reorganisation(session, caller.actor, number, day)
    return _back(number)


def _decide(
    caller: Caller, number: int, digest: str, comment: str, *, approve: bool
) -> RedirectResponse:
    caller.prove(Permission.CHANGE_APPROVE)
    with caller.write() as session:
        service.decide_reorganisation(
            session, caller.actor, number, digest, approve=approve, comment=comment
        )
    return _back(number)


def _back(number: int) -> RedirectResponse:
    return RedirectResponse(f"/reorganisations/{number}", 303)


def _text(file: uploads.Upload) -> str:
    return file.data.decode("utf-8-sig", "replace")


def _whole(actor: Actor, permission: Permission) -> bool:
    """Tell whether the actor may do this for the whole province, of which these plans speak."""
    return actor.may(permission) and actor.acting(permission).scope_ids is None


def _told(plan: ReorganisationPlan | None, units: tuple[UnitRow, ...]) -> dict[str, Any]:
    shown: dict[str, Any] = {"plan": plan, "decisions": decisions, "shown_moves": SHOWN_MOVES}
    if plan is None:
        return shown
    names = {unit.code: unit.name for unit in units}
    names |= {code: unit.name for code, unit in plan.after.units.items() if code not in names}
    return shown | {
        "names": names,
        "before": _tree(_before(plan, units)),
        "after": _tree(_after(plan)),
        "moves": _moves(plan.transfers),
        "terms": terms,
    }


Nodes = dict[str, tuple[Branch, str | None]]


def _before(plan: ReorganisationPlan, units: tuple[UnitRow, ...]) -> Nodes:
    """Return today's units that change, and those above them."""
    does = {change.code: change.does for change in plan.units if change.before is not None}
    known: Nodes = {
        unit.code: (Branch(unit.code, unit.name, unit.kind, does.get(unit.code, "")), unit.parent)
        for unit in units
    }
    heads = {change.after.parent for change in plan.units if change.before is None}
    return _with_those_above(known, {*does, *(head for head in heads if head)})


def _after(plan: ReorganisationPlan) -> Nodes:
    """Return the units of the day that changed or take something over, and those above them."""
    does = {
        change.new_code: change.does for change in plan.units if change.does in ("create", "change")
    }
    known: Nodes = {
        code: (Branch(code, unit.name, unit.kind, does.get(code, "")), unit.parent)
        for code, unit in plan.after.units.items()
        if unit.is_valid(plan.effective_on)
    }
    taking = {one.successor for one in plan.successions} | {one.after for one in plan.transfers}
    return _with_those_above(known, {*does, *taking})


def _with_those_above(known: Nodes, wanted: set[str]) -> Nodes:
    found: Nodes = {}
    for code in wanted:
        at: str | None = code
        while at is not None and at in known and at not in found:
            found[at] = known[at]
            at = known[at][1]
    return found


def _tree(nodes: Nodes) -> list[Branch]:
    roots: list[Branch] = []
    for branch, parent in sorted(nodes.values(), key=lambda node: node[0].name):
        (nodes[parent][0].children if parent in nodes else roots).append(branch)
    return roots


def _moves(transfers: tuple[Transfer, ...]) -> list[tuple[str, list[Transfer]]]:
    """Return what belongs to another unit afterwards, by kind."""
    kinds: dict[str, list[Transfer]] = {}
    for one in transfers:
        kinds.setdefault(one.owned.kind, []).append(one)
    return [(terms.kind(kind), found) for kind, found in kinds.items()]
