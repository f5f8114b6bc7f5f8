"""Runs of playbooks that come again, as they leave and come in."""

from datetime import datetime
from typing import Any

from pydantic import Field

from api.rest.paging import Schema
from api.rest.schemas.changes import Name
from api.rest.schemas.maintenances import Rule


class Targets(Schema):
    """Devices by name, and those that match every other field that is given."""

    names: list[Name] = Field(default=[], max_length=1_000, examples=[["srv-dns"]])
    sites: list[Name] = Field(default=[], max_length=1_000)
    units: list[Name] = Field(default=[], max_length=1_000)
    roles: list[Name] = Field(default=[], max_length=50)
    platforms: list[Name] = Field(default=[], max_length=50)


class ScheduleCreate(Schema):
    """Which playbook is to run on what and when; the rule's minutes are how long a window is.

    Without `timezone` the hour is in the settings' one.
    """

    playbook: str = Field(max_length=100, examples=["server-updates"])
    targets: Targets
    rule: Rule
    timezone: str = Field(default="", max_length=64, examples=["Asia/Ho_Chi_Minh"])
    reason: str = Field(min_length=1, max_length=4_000)
    parameters: dict[str, Any] = Field(default={}, max_length=100)
    check_mode: bool = False


class Occurrence(Schema):
    """What became of one time: started, held, skipped or missed; `run_id` where it started one."""

    occurs_at: datetime
    closes_at: datetime
    state: str
    reason: str
    run_id: int | None
    run_state: str | None


class Schedule(Schema):
    """A schedule; `plan_sha256` is what is approved: texts, parameters, targets and timing.

    `state` is proposed, standing, paused or ended, `state_reason` says why it is no longer
    standing; `next_at` is its next time, `last` what became of the latest.
    """

    id: int
    playbook: str
    parameters: dict[str, Any]
    is_check_mode: bool
    targets: dict[str, list[str]]
    recurrence: dict[str, Any]
    timezone: str
    reason: str
    state: str
    state_reason: str
    requester: str
    approver: str | None
    approval_comment: str
    plan_sha256: str
    created_at: datetime
    ends_at: datetime
    next_at: datetime | None
    last: Occurrence | None


class Because(Schema):
    """Why something is done."""

    reason: str = Field(min_length=1, max_length=4_000)


class StateNow(Schema):
    """Where the schedule stands after it."""

    state: str
