"""Shifts handed over, as they leave and come in."""

from datetime import datetime

from pydantic import AwareDatetime, Field

from alerts.service.summary import Summary
from api.rest.paging import Schema


class Handover(Schema):
    """A shift that one person handed to another."""

    id: int
    since: datetime
    at: datetime
    actor: str
    receiver: str
    note: str


class HandoverDetail(Handover):
    """A shift handed over, with its summary."""

    summary: Summary


class HandOver(Schema):
    """Hand one's shift over."""

    receiver: str = Field(min_length=1, max_length=64, description="The other person's name.")
    note: str = Field(default="", max_length=4_000)
    since: AwareDatetime | None = Field(default=None, description="When the shift began.")
