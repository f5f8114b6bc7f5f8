"""Units through time and reorganisations, as they leave and come in."""

from datetime import date, datetime
from typing import Any

from pydantic import Field

from api.rest.paging import Schema
from api.rest.schemas.inventory import Unit


class UnitName(Schema):
    """A unit by code and name."""

    code: str
    name: str


class Successor(UnitName):
    """A unit that follows or is followed, and since when."""

    effective_on: date


class FoundUnit(Schema):
    """A unit, what it was called before, whom it follows and who follows it."""

    unit: Unit
    former: list[UnitName]
    successors: list[Successor]
    predecessors: list[Successor]


class Belongs(Schema):
    """Something and the unit it belonged to."""

    key: str
    unit: str


class Coverage(Schema):
    """`have` of `total`, which is null for a plain count; the first few that are missing by name.

    `is_complete` is null where there is nothing to cover. Rates of Internet are in kbit/s.
    """

    code: str
    have: int
    total: int | None
    missing: list[str]
    is_complete: bool | None


class Reorganisation(Schema):
    """A filed reorganisation; `sha256` names exactly what was put up for approval."""

    id: int
    title: str
    effective_on: date
    sha256: str
    state: str
    approval: str
    requested_by: str
    reason: str
    applied_at: datetime | None
    is_stale: bool


class ReorganisationPlan(Schema):
    """What is done on the day: units, what belongs to others then, who sees what afterwards."""

    title: str
    basis: str
    effective_on: date
    sha256: str
    counts: dict[str, int]
    units: list[dict[str, Any]]
    transfers: list[dict[str, Any]]
    successions: list[dict[str, str]]
    roles: list[dict[str, Any]]


class ReorganisationDetail(Schema):
    """One reorganisation; the plan is absent once it is applied or withdrawn."""

    reorganisation: Reorganisation
    plan: ReorganisationPlan | None


class ReorganisationFile(Schema):
    """The YAML document; its name is used in problems."""

    document: str = Field(max_length=4_000_000)
    filename: str = Field(default="request.yaml", max_length=200)
    reason: str = Field(default="", max_length=4_000)
