"""Devices that are not as intended: what is intended, what drifted, since when."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query

from api.callers import CallerDep
from api.rest import drafting
from api.rest.paging import Page, Sort, WindowDep, page_of
from api.rest.schemas.changes import Created, Started
from api.rest.schemas.drift import (
    DeviceDrift,
    Drift,
    DriftGroup,
    DriftRun,
    Intended,
    IntendedSet,
)
from hatang.auth import Permission
from playbooks import drift
from playbooks.choices import DriftState

router = APIRouter(prefix="/drift", tags=["drift"])
Name = Annotated[str, Path(max_length=100)]


@dataclass(frozen=True, slots=True)
class Part:
    """Which devices: of one unit or site, of one intended configuration, in one state.

    What is empty, as in a form where nothing was chosen, leaves none out.
    """

    unit: Annotated[str, Query(max_length=100)] = ""
    site: Annotated[str, Query(max_length=100)] = ""
    intended: Annotated[str, Query(max_length=100)] = ""
    state: Annotated[DriftState | Literal[""], Query()] = ""

    @property
    def filters(self) -> dict[str, str | None]:
        """The filters as the list takes them."""
        return {
            "unit": self.unit or None,
            "site": self.site or None,
            "intended": self.intended or None,
            "state": self.state or None,
        }


PartDep = Annotated[Part, Depends()]


@router.get("")
def list_drifts(
    caller: CallerDep, window: WindowDep, part: PartDep, sort: Sort = ""
) -> Page[Drift]:
    """Return how devices stand to what is intended, what drifted longest first."""
    with caller.read() as session:
        query = window.query(part.filters, sort=sort)
        return page_of(Drift, drift.list_drifts(session, caller.actor, query))


@router.get("/groups")
def count_drifts(
    caller: CallerDep, part: PartDep, window: WindowDep, by: drift.By = drift.By.UNIT
) -> Page[DriftGroup]:
    """Return how many devices are in each state by unit, site or what is intended."""
    with caller.read() as session:
        found = drift.counts(session, caller.actor, by, window.query(part.filters))
    return window.cut(DriftGroup, found)


@router.get("/devices/{name}")
def get_device_drift(caller: CallerDep, name: str) -> DeviceDrift:
    """Return how one device stands, with the lines that would bring it back, secrets masked."""
    with caller.read() as session:
        return DeviceDrift.model_validate(drift.of_device(session, caller.actor, name))


@router.post("/runs", status_code=202)
def run_comparison(caller: CallerDep, body: DriftRun) -> Started:
    """Have the worker compare, by what the vault holds; asked again, it is the one under way."""
    caller.prove(Permission.INVENTORY_WRITE)
    with caller.write() as session:
        return Started(jobs=[drift.ask(session, caller.actor, body.devices or None)])


@router.get("/intended")
def list_intended(caller: CallerDep) -> list[Intended]:
    """Return what is intended for which devices."""
    with caller.read() as session:
        found = drift.list_intended(session, caller.actor)
    return [Intended.model_validate(one) for one in found]


@router.post("/intended", status_code=201)
def set_intended(caller: CallerDep, body: IntendedSet) -> Created:
    """Say how the selected devices are to be; one of that name is replaced."""
    caller.prove(Permission.INVENTORY_WRITE)
    chosen = drafting.selection(body.select)
    draft = drift.IntendedDraft(body.name, body.template, body.parameters, chosen, body.is_whole)
    return Created(id=drift.set_intended(caller.context.db, caller.actor, draft))


@router.delete("/intended/{name}", status_code=204)
def remove_intended(caller: CallerDep, name: Name) -> None:
    """Intend nothing any more under this name; its drifts end and stay as history."""
    caller.prove(Permission.INVENTORY_WRITE)
    with caller.write() as session:
        drift.remove_intended(session, caller.actor, name)
