"""Change sets, playbook runs, commands and the vault, as they leave and come in."""

from datetime import datetime
from typing import Any

from pydantic import Field

from api.rest.paging import Schema
from playbooks.changes.planning import DEFAULT_REVERT_SECONDS

Sha256 = Field(pattern=r"^[0-9a-f]{64}$", description="The plan that was read.")


class Change(Schema):
    """A change set in a list; `plan_sha256` names exactly what would be done."""

    id: int
    title: str
    reason: str
    state: str
    requester: str
    approver: str | None
    plan_sha256: str | None
    revert_seconds: int
    created_at: datetime
    finished_at: datetime | None
    targets: int


class Target(Schema):
    """One device of a change; `reason` says why it ended as it did."""

    device: str
    state: str
    safety: str
    reason: str
    detail: str
    before_version_id: int | None
    after_version_id: int | None


class DiffGroup(Schema):
    """Devices that get the same lines and change alike; secrets are masked."""

    rendered: str
    diff: str
    devices: list[str]


class ChangeDetail(Schema):
    """A change set with its devices and grouped differences."""

    change: Change
    targets: list[Target]
    groups: list[DiffGroup]


class ChangeCreate(Schema):
    """What is wanted: lines of configuration by device name."""

    title: str = Field(max_length=200, examples=["Máy chủ NTP mới"])
    reason: str = Field(default="", max_length=4_000)
    texts: dict[str, str] = Field(examples=[{"sw-dc": "ntp server 10.250.9.10"}])
    revert_seconds: int = Field(default=DEFAULT_REVERT_SECONDS, ge=1, le=3_600)


class Decision(Schema):
    """Yes or no to exactly the plan that was read."""

    plan_sha256: str = Sha256
    comment: str = Field(default="", max_length=4_000)


class Playbook(Schema):
    """A reviewed playbook."""

    name: str
    title: dict[str, str]
    platforms: list[str]
    writes: bool
    parameters: dict[str, dict[str, Any]]


class Run(Schema):
    """A playbook run; `summary` is Ansible's recap by device, `plan_sha256` what is approved.

    `outcomes` says of each device: done, failed, unreachable, unfinished or unknown.
    """

    id: int
    playbook: str
    devices: list[str]
    parameters: dict[str, Any]
    is_check_mode: bool
    state: str
    requester: str
    approver: str | None
    plan_sha256: str | None
    created_at: datetime
    finished_at: datetime | None
    summary: dict[str, Any] | None
    outcomes: dict[str, str] | None


class RunEvent(Schema):
    """One event of a run."""

    sequence: int
    kind: str
    device: str
    task: str
    detail: dict[str, Any]
    at: datetime


class RunCreate(Schema):
    """Which playbook on which devices; checking changes nothing."""

    playbook: str = Field(max_length=100)
    devices: list[str] = Field(max_length=1_000)
    check_mode: bool = True
    parameters: dict[str, Any] = Field(default={}, max_length=100)


class Command(Schema):
    """A read-only command for many devices."""

    command: str = Field(max_length=500, examples=["show version"])
    devices: list[str] = Field(min_length=1, max_length=200)


class AnswerGroup(Schema):
    """Devices that gave the same answer, or failed for the same reason."""

    devices: list[str]
    output: str | None
    reason: str
    message: str


class Version(Schema):
    """A version of a device's configuration."""

    id: int
    device: str
    platform: str
    kind: str
    digest: str
    line_count: int
    source: str
    transport: str
    command: str
    collected_at: datetime
    last_seen_at: datetime
    is_saved: bool | None


class VersionText(Schema):
    """A version with its text; secrets are masked."""

    version: Version
    text: str


class Created(Schema):
    """The number of what was made."""

    id: int


class Planned(Schema):
    """The hash of the plan, which an approval names."""

    plan_sha256: str


class Doubt(Schema):
    """A device that a push left in doubt; `commit_id` names what it tried to commit."""

    change: int
    device: str
    state: str
    reason: str
    detail: str
    commit_id: str
    finished_at: datetime | None


class Started(Schema):
    """The keys of the jobs, for /jobs/{key}."""

    jobs: list[str]
