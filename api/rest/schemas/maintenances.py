"""Announced work, as it leaves and comes in."""

from datetime import datetime

from pydantic import AwareDatetime, Field

from api.rest.paging import Schema


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
