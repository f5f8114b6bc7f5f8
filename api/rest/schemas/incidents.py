"""Incidents, as they leave and come in."""

from datetime import datetime
from typing import Any

from pydantic import Field

from api.rest.paging import Schema


class Incident(Schema):
    """One outage with its cause; acknowledged is still open."""

    id: int
    element: str
    origin: str
    name: str
    site: str
    alertname: str
    severity: str
    state: str
    is_verified: bool
    bad_since: datetime
    opened_at: datetime
    resolved_at: datetime | None


class Effect(Schema):
    """Something that suffers from the cause; `impact` is down or degraded."""

    element: str
    kind: str
    name: str
    site: str
    people: int
    impact: str


class Event(Schema):
    """A line of the timeline."""

    at: datetime
    kind: str
    actor: str
    detail: dict[str, Any]


class Acknowledgement(Schema):
    """Who took the incident, until when."""

    actor: str
    note: str
    at: datetime
    ends_at: datetime


class IncidentDetail(Schema):
    """An incident with effects, timeline and who took it."""

    incident: Incident
    effects: list[Effect]
    events: list[Event]
    acknowledgements: list[Acknowledgement]


class Moment(Schema):
    """Something of an incident's story; `lane` is measurement, event or change.

    `kind` is the state entered, the kind of event, or what a change comes from; `text` the
    cause of the state, who did it, or what was changed.
    """

    at: datetime
    lane: str
    kind: str
    element: str
    text: str
    detail: dict[str, Any]
    link: str


class Timeline(Schema):
    """An incident's story, earliest first; `left_out` measurements more were made later."""

    since: datetime
    until: datetime
    moments: list[Moment]
    left_out: int


class Acknowledge(Schema):
    """Take an incident for some hours."""

    note: str = Field(default="", max_length=4_000, examples=["Đang gọi nhà cung cấp"])
    hours: float = Field(default=4, gt=0, le=168, description="For how long.")


class Close(Schema):
    """End an incident by a person's word."""

    reason: str = Field(min_length=1, max_length=4_000, examples=["Thiết bị đã tháo"])


class Note(Schema):
    """A line for the timeline."""

    note: str = Field(min_length=1, max_length=4_000)
