"""Times of response and what carriers owe, as they leave."""

from datetime import date, datetime

from pydantic import Field

from api.rest.paging import Schema


class Measured(Schema):
    """Times that were measured, by nearest rank; null where there is none."""

    count: int
    median_seconds: float | None
    p90_seconds: float | None


class ResponseTimes(Schema):
    """Times of one unit, circuit or carrier; what has no time is counted apart.

    `waiting` are open and nobody took them, `untaken` were over before anybody did, `open` are
    not repaired yet, `closed` were ended by a person's word; `in_maintenance` count for nothing.
    """

    key: str
    name: str
    incidents: int
    in_maintenance: int
    acknowledged: Measured
    waiting: int
    untaken: int
    repaired: Measured
    open: int
    closed: int


class Cause(Schema):
    """The incident an outage belongs to; `is_elsewhere`: its cause is another element."""

    incident: int
    alertname: str
    name: str
    is_elsewhere: bool
    ticket: str


class Outage(Schema):
    """A circuit was down; `excluded_minutes` has why some of it does not count."""

    starts_at: datetime
    ends_at: datetime
    minutes: float
    counted_minutes: float
    excluded_minutes: dict[str, float]
    cause: Cause | None


class Gap(Schema):
    """Nothing is known of the circuit, and why."""

    starts_at: datetime
    ends_at: datetime
    minutes: float
    reason: str


class CircuitCredit(Schema):
    """A circuit's month; null is what is not known, credit is percent of the month's fee."""

    cid: str
    contract: str
    promised_percent: float | None
    agreed_minutes: float
    down_minutes: float
    unmeasured_minutes: float
    availability_least_percent: float | None = Field(description="As if every gap was an outage.")
    availability_most_percent: float | None = Field(description="As if no gap was an outage.")
    credit_percent: float | None
    credit_at_most_percent: float | None
    owed_vnd: int | None
    owed_at_most_vnd: int | None
    measured_ends: int
    outages: list[Outage]
    gaps: list[Gap]


class CarrierCredit(Schema):
    """What one carrier owes for a month; until `until` where it is not over."""

    carrier: str
    month: date
    since: datetime
    until: datetime
    is_whole: bool
    circuits: list[CircuitCredit]
