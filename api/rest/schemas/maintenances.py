"""Announced work, as it leaves and comes in."""

from datetime import date, datetime, time
from typing import Any

from pydantic import AwareDatetime, Field

from api.rest.paging import Schema
from hatang.calendar.recurrence import Frequency


class Maintenance(Schema):
    """Work on elements; what begins in its window on them pages nobody."""

    id: int
    elements: list[str]
    starts_at: datetime
    ends_at: datetime
    reason: str
    source: str
    created_by: str
    created_at: datetime
    series_id: int | None
    notice: str


class MaintenancePlan(Schema):
    """What an announcement would withhold."""

    elements: list[str]
    starts_at: datetime
    ends_at: datetime
    reason: str


class Announce(Schema):
    """Announce work."""

    elements: list[str] = Field(
        min_length=1,
        max_length=1_000,
        description="Device names, site:SLUG, circuit:CID, or kind:key.",
        examples=[["hub-1", "site:xa-05"]],
    )
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason: str = Field(min_length=1, max_length=4_000, examples=["Thay nguồn"])
    carrier: str = Field(default="", max_length=90, description="Who announced it, if a carrier.")
    notice: str = Field(
        default="", max_length=20_000, description="The text by which it was announced to you."
    )


class Rule(Schema):
    """When something comes again, in local time, within a year.

    Weekly: `weekdays` (0 Monday to 6 Sunday). Monthly: `monthday` (1 to 31, -1 for the last), or
    `week` (1 to 4, 5 for the last) with one weekday.
    """

    frequency: Frequency
    begin: time = Field(examples=["22:00"])
    minutes: int = Field(ge=1, le=1_440, description="How long each time.")
    first: date
    until: date
    weekdays: list[int] = Field(default=[], max_length=7)
    monthday: int | None = None
    week: int | None = None


class AnnounceSeries(Schema):
    """Announce work that comes again, 60 times at most."""

    elements: list[str] = Field(min_length=1, max_length=1_000, examples=[["hub-1"]])
    rule: Rule
    reason: str = Field(min_length=1, max_length=4_000, examples=["Sao lưu hằng tuần"])


class Window(Schema):
    """A time of work."""

    starts_at: datetime
    ends_at: datetime


class SeriesPlan(Schema):
    """What a series would withhold, and each time it would come."""

    elements: list[str]
    windows: list[Window]


class Series(Schema):
    """Work that comes again."""

    id: int
    reason: str
    rule: dict[str, Any]
    created_by: str
    created_at: datetime
    ended_at: datetime | None


class NoticeBody(Schema):
    """A carrier's or power company's notice, as it was received."""

    text: str = Field(min_length=1, max_length=20_000)


class NoticeWindow(Window):
    """A time the notice speaks of, with its words; not sure where they may mean another day."""

    text: str
    is_sure: bool


class NoticePoint(Schema):
    """A place the notice names; `elements` are what an announcement takes for it."""

    kind: str
    key: str
    name: str
    text: str
    is_sure: bool
    elements: list[str]
    affected: list[str]
    people: int | None


class NoticeReading(Schema):
    """What was understood of a notice; nothing is announced."""

    party: str
    is_power: bool
    reason: str
    windows: list[NoticeWindow]
    points: list[NoticePoint]
