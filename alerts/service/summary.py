"""What a shift leaves behind, as both people read it: a record that never changes afterwards."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class Line(BaseModel):
    """A line of a summary; `scope_id` decides who may read it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    scope_id: int | None


class Promise(BaseModel):
    """What a carrier said last; `promised_at` is null where it promised no time."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    party: str
    number: str
    promised_at: datetime | None


class OpenLine(Line):
    """An incident that is not over: who works on it, what hangs on it, what is promised."""

    incident: int
    name: str
    site: str
    alertname: str
    severity: str
    bad_since: datetime
    owner: str
    owner_until: datetime | None
    down: dict[str, int]
    people: int
    note: str
    promises: list[Promise]


class OverLine(Line):
    """An incident that ended in the shift."""

    incident: int
    name: str
    alertname: str
    bad_since: datetime
    resolved_at: datetime


class DoneLine(Line):
    """What a person did to an incident; `kind` is that of the incident's timeline."""

    incident: int
    name: str
    at: datetime
    kind: str
    actor: str
    note: str


class WorkLine(Line):
    """Announced work that runs, or begins soon."""

    maintenance: int
    reason: str
    starts_at: datetime
    ends_at: datetime
    is_running: bool
    elements: int


class Summary(BaseModel):
    """A shift from `since` until `at`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    since: datetime
    at: datetime
    open: list[OpenLine]
    over: list[OverLine]
    done: list[DoneLine]
    work: list[WorkLine]
