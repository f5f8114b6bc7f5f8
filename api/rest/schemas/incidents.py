"""Incidents, as they leave and come in."""

from datetime import date, datetime
from typing import Any

from pydantic import AwareDatetime, Field

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


class Ticket(Schema):
    """What a carrier or power company (`party`) said, when; the latest of a party holds."""

    party: str
    number: str
    promised_at: datetime | None
    note: str
    actor: str
    at: datetime


class IncidentDetail(Schema):
    """An incident with effects, timeline, who took it, and what carriers said."""

    incident: Incident
    effects: list[Effect]
    events: list[Event]
    acknowledgements: list[Acknowledgement]
    tickets: list[Ticket]


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


class Release(Schema):
    """Give an incident back."""

    reason: str = Field(min_length=1, max_length=4_000, examples=["Chuyển sang việc khác"])


class TicketBody(Schema):
    """Write down what a carrier or power company said."""

    party: str = Field(min_length=1, max_length=100, examples=["VNPT"])
    number: str = Field(min_length=1, max_length=100, examples=["SC-20261128-0142"])
    promised_at: AwareDatetime | None = Field(
        default=None, description="When they promise to be done."
    )
    note: str = Field(default="", max_length=4_000)


class CallCircuit(Schema):
    """A line that may be at fault, and where to report it."""

    cid: str
    provider: str
    hotline: str
    account: str = Field(description="The customer's number at the provider.")
    contract_number: str
    contract_expires: date | None
    a_site: str
    z_site: str


class CallSite(Schema):
    """The place: the telephone there, and who brings it its power."""

    slug: str
    name: str
    address: str
    phone: str
    power_company: str
    power_hotline: str
    power_customer_code: str


class CallPerson(Schema):
    """A person in charge of `about`: a site, a service or a provider (`kind`)."""

    kind: str
    key: str
    about: str
    name: str
    function: str
    phone: str
    mobile: str


class Calls(Schema):
    """Whom to call; `is_power`: the power company first."""

    circuits: list[CallCircuit]
    site: CallSite | None
    people: list[CallPerson]
    is_power: bool


class CauseAbove(Schema):
    """A cause out of your reach that cuts off something in it; its incident is not yours to see.

    `party` with `hotline` is the carrier or power company that answers for it; where it is our
    own, `people` are those in charge of it.
    """

    name: str
    alertname: str
    severity: str
    bad_since: datetime
    is_taken: bool = Field(description="Whether somebody works on it.")
    promised_at: datetime | None = Field(description="When it was promised to be over.")
    party: str
    hotline: str
    people: list[CallPerson]
    hit: list[Effect] = Field(description="What of yours it cuts off.")
