"""Drift in a browser: what is not as intended, since when, and what is intended for whom."""

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from api.callers import CallerDep
from api.rest.drift import PartDep
from api.rest.paging import WindowDep
from api.web import drift_words, lists
from api.web.rendering import page
from hatang.auth import Permission
from hatang.errors import InvalidInputError, Problem
from hatang.i18n import _
from inventory.choices import DeviceRole
from playbooks import changes, drift
from playbooks.choices import DriftState

router = APIRouter(prefix="/drift")
Name = Annotated[str, Path(max_length=100)]
GROUPS_SHOWN: Final = 20


class IntendedForm(BaseModel):
    """An intended configuration as it is typed."""

    name: str = Field(default="", max_length=100)
    template: str = Field(default="", max_length=200_000)
    parameters: str = Field(default="", max_length=4_000)
    names: str = Field(default="", max_length=20_000)
    sites: str = Field(default="", max_length=4_000)
    units: str = Field(default="", max_length=4_000)
    roles: list[str] = Field(default=[], max_length=50)
    is_whole: bool = False


@router.get("")
def list_page(
    request: Request,
    caller: CallerDep,
    window: WindowDep,
    part: PartDep,
    by: Annotated[drift.By, Query()] = drift.By.UNIT,
) -> HTMLResponse:
    """Show what drifted, since when, and how many devices of each group."""
    query = window.query(part.filters)
    with caller.read() as session:
        found = drift.list_drifts(session, caller.actor, query)
        groups = drift.counts(session, caller.actor, by, query)
        totals = drift.totals(session, caller.actor, query)
        intended = drift.list_intended(session, caller.actor)
        is_underway = drift.is_underway(session)
    kept = {name: str(value) for name, value in part.filters.items() if value}
    return page(
        request,
        "drift.html",
        is_underway=is_underway,
        drift_words=drift_words,
        found=found,
        window=window,
        totals=totals,
        groups=groups[:GROUPS_SHOWN],
        left_out=len(groups[GROUPS_SHOWN:]),
        by=by,
        choices=list(drift.By),
        states=list(DriftState),
        intended=intended,
        part=part,
        filters=urlencode(kept),
        query=urlencode({**kept, "by": by.value}),
    )


@router.get("/intended")
def intended_page(request: Request, caller: CallerDep) -> HTMLResponse:
    """Show what is intended for which devices, and the form to set one more."""
    with caller.read() as session:
        found = drift.list_intended(session, caller.actor)
        counted = {row.key: row for row in drift.counts(session, caller.actor, drift.By.INTENDED)}
        is_underway = drift.is_underway(session)
    return page(
        request,
        "intended.html",
        is_underway=is_underway,
        drift_words=drift_words,
        intended=found,
        rows=found,
        counted=counted,
        roles=[role.value for role in DeviceRole],
    )


@router.post("/intended")
def set_intended(caller: CallerDep, form: Annotated[IntendedForm, Form()]) -> RedirectResponse:
    """Say how the chosen devices are to be."""
    caller.prove(Permission.INVENTORY_WRITE)
    problems: list[Problem] = []
    parameters = lists.parameters(form.parameters, problems)
    if problems:
        raise InvalidInputError(problems)
    chosen = changes.Selection(
        names=lists.words(form.names),
        sites=lists.words(form.sites),
        units=lists.words(form.units),
        roles=tuple(form.roles),
    )
    text = form.template.replace("\r\n", "\n")
    draft = drift.IntendedDraft(form.name.strip(), text, parameters, chosen, form.is_whole)
    drift.set_intended(caller.context.db, caller.actor, draft)
    return RedirectResponse("/drift/intended", 303)


@router.post("/intended/{name:path}/remove")
def remove_intended(caller: CallerDep, name: Name) -> RedirectResponse:
    """Intend nothing any more under this name."""
    caller.prove(Permission.INVENTORY_WRITE)
    with caller.write() as session:
        drift.remove_intended(session, caller.actor, name)
    return RedirectResponse("/drift/intended", 303)


@router.get("/devices/{name:path}")
def device_page(request: Request, caller: CallerDep, name: str) -> HTMLResponse:
    """Show how one device stands to all that is intended for it, with the lines."""
    with caller.read() as session:
        found = drift.of_device(session, caller.actor, name)
    proposals = {
        one.row.intended: urlencode(
            {
                "source": "intended",
                "title": _("%(device)s as intended: %(name)s")
                % {"device": found.device.name, "name": one.row.intended},
                "intended": one.row.intended,
                "names": found.device.name,
            }
        )
        for one in found.standings
    }
    return page(
        request, "drift_device.html", drift_words=drift_words, found=found, proposals=proposals
    )
