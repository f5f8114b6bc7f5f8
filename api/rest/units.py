"""Units of today and of before, and reorganisations with their approval."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.callers import CallerDep
from api.rest.paging import Page, WindowDep
from api.rest.schemas.changes import Created, Decision
from api.rest.schemas.inventory import Unit
from api.rest.schemas.units import (
    Belongs,
    Coverage,
    FoundUnit,
    Reorganisation,
    ReorganisationDetail,
    ReorganisationFile,
    ReorganisationPlan,
)
from hatang.auth import Permission
from inventory.choices import ElementKind
from inventory.jobs import today
from inventory.reorganisation.showing import described
from inventory.service import covering, reorganising

router = APIRouter(tags=["units"])
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/units/as-of/{on}")
def list_units_as_of(caller: CallerDep, window: WindowDep, on: date) -> Page[Unit]:
    """Return the units of a day, called and hung as they were then."""
    with caller.read() as session:
        return window.cut(Unit, reorganising.units_as_of(session, caller.actor, on))


@router.get("/units/found")
def find_units(
    caller: CallerDep,
    window: WindowDep,
    text: Annotated[str, Query(min_length=1, max_length=200)],
) -> Page[FoundUnit]:
    """Return units by a code or part of a name, former ones too, with who follows them."""
    with caller.read() as session:
        return window.cut(FoundUnit, reorganising.find_units(session, caller.actor, text))


@router.get("/sites/as-of/{on}")
def list_site_units(caller: CallerDep, window: WindowDep, on: date) -> Page[Belongs]:
    """Return the unit that each of today's sites belonged to on a day."""
    with caller.read() as session:
        found = reorganising.owners_as_of(session, caller.actor, ElementKind.SITE, on)
    rows = [Belongs(key=key, unit=unit) for key, unit in sorted(found.items())]
    return window.cut(Belongs, rows)


@router.get("/coverage")
def get_coverage(caller: CallerDep, on: date | None = None) -> list[Coverage]:
    """Return how much of what the asker sees is covered, counted from its rows."""
    day = on or today(caller.context.settings)
    with caller.read() as session:
        found = covering.coverage_figures(session, caller.actor, day)
    return [Coverage.model_validate(one) for one in found]


@router.get("/reorganisations")
def list_reorganisations(caller: CallerDep, window: WindowDep) -> Page[Reorganisation]:
    """Return reorganisations, latest day first."""
    with caller.read() as session:
        rows = reorganising.list_reorganisations(session, caller.actor)
    return window.cut(Reorganisation, rows)


@router.post("/reorganisations/plan")
def plan_reorganisation(caller: CallerDep, body: ReorganisationFile) -> ReorganisationPlan:
    """Return what a file would do on its day; nothing is changed."""
    with caller.read() as session:
        plan = reorganising.plan_reorganisation(session, caller.actor, body.document, body.filename)
    return ReorganisationPlan.model_validate(described(plan))


@router.post("/reorganisations", status_code=201)
def file_reorganisation(caller: CallerDep, body: ReorganisationFile) -> Created:
    """Put a reorganisation up for approval by another person."""
    with caller.write() as session:
        number = reorganising.file_reorganisation(
            session, caller.actor, body.document, body.filename, reason=body.reason
        )
    return Created(id=number)


@router.get("/reorganisations/{number}")
def get_reorganisation(caller: CallerDep, number: Number) -> ReorganisationDetail:
    """Return one with what it would do as things stand now."""
    with caller.read() as session:
        found = reorganising.get_reorganisation(session, caller.actor, number)
    plan = None if found.plan is None else described(found.plan)
    return ReorganisationDetail(
        reorganisation=Reorganisation.model_validate(found),
        plan=None if plan is None else ReorganisationPlan.model_validate(plan),
    )


@router.post("/reorganisations/{number}/approve", status_code=204)
def approve_reorganisation(caller: CallerDep, number: Number, body: Decision) -> None:
    """Approve exactly the plan with this hash; who filed it cannot."""
    _decide(caller, number, body, approve=True)


@router.post("/reorganisations/{number}/reject", status_code=204)
def reject_reorganisation(caller: CallerDep, number: Number, body: Decision) -> None:
    """Reject the plan with this hash."""
    _decide(caller, number, body, approve=False)


@router.post("/reorganisations/{number}/withdraw", status_code=204)
def withdraw_reorganisation(caller: CallerDep, number: Number) -> None:
    """Take back what is not applied."""
    with caller.write() as session:
        reorganising.withdraw_reorganisation(session, caller.actor, number)


@router.post("/reorganisations/{number}/apply", status_code=204)
def apply_reorganisation(caller: CallerDep, number: Number) -> None:
    """Do what was approved, all or nothing; a later day's is applied on that day by itself."""
    with caller.write() as session:
        day = today(caller.context.settings)
        reorganising.apply_reorganisation(session, caller.actor, number, day)


def _decide(caller: CallerDep, number: int, body: Decision, *, approve: bool) -> None:
    caller.prove(Permission.CHANGE_APPROVE)
    with caller.write() as session:
        reorganising.decide_reorganisation(
            session,
            caller.actor,
            number,
            body.plan_sha256,
            approve=approve,
            comment=body.comment,
        )
