"""Change sets, playbook runs, commands and the vault, as they leave and come in."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from api.rest.paging import Schema
from playbooks.changes.planning import DEFAULT_REVERT_SECONDS

Name = Annotated[str, Field(max_length=100)]
Sha256 = Field(pattern=r"^[0-9a-f]{64}$", description="The plan that was read.")


class Change(Schema):
    """A change set in a list; `plan_sha256` names exactly what would be done.

    `level` is how many people must approve it, `wave` the one under way of `waves`.
    """

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
    intent: str
    level: int
    wave: int
    waves: int
    phase: str
    is_paused: bool
    pause_reason: str
    opens_at: datetime | None
    closes_at: datetime | None


class Target(Schema):
    """One device of a change; `reason` says why it ended as it did."""

    device: str
    wave: int
    attempt: int
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


class Approval(Schema):
    """One approval of a change."""

    id: int
    state: str
    requester: str
    reason: str
    decided_by: str | None
    decided_at: datetime | None
    comment: str
    expires_at: datetime
    is_break_glass: bool
    reviewed_by: str | None
    review: str


class Check(Schema):
    """An element that is not as good after a wave as it was before."""

    wave: int
    round: int
    element: str
    before: str | None
    after: str | None
    reason: str


class Spread(Schema):
    """How a change spreads, and what its texts were made of."""

    canary: int
    batch: int
    per_site: int
    soak_seconds: int
    is_gated: bool
    is_replace: bool
    origin: dict[str, Any]


class ChangeDetail(Schema):
    """A change set with its devices, grouped differences, and who loses what if they fail."""

    change: Change
    targets: list[Target]
    groups: list[DiffGroup]
    spread: Spread
    impact: dict[str, Any] | None
    approvals: list[Approval]
    checks: list[Check]


class Selection(Schema):
    """Devices by name, and those that match every other field that is given."""

    names: list[Name] = Field(default=[], max_length=2_000)
    sites: list[Name] = Field(default=[], max_length=1_000)
    units: list[Name] = Field(default=[], max_length=1_000)
    roles: list[Name] = Field(default=[], max_length=50)
    platforms: list[Name] = Field(default=[], max_length=50)


class Rollout(Schema):
    """How it spreads: canaries, then batches (0: all the rest), soak, and health gates between."""

    canary: int = Field(default=1, ge=0, le=100)
    batch: int = Field(default=50, ge=0, le=10_000)
    per_site: int = Field(default=0, ge=0, le=1_000)
    soak_seconds: int = Field(default=0, ge=0, le=86_400)
    is_gated: bool = True


class ChangeCreate(Schema):
    """What is wanted, of exactly one source.

    `texts` are lines by device name; `snippet`, `template` and `standard` go to the devices
    `select` chooses, which an `intended` configuration brings back to what it says, by the newest
    version; `versions` of the vault are restored on the devices they are of; `credential` names
    the one that the devices are to be opened with from then on, `old_users_of` a rotation whose
    old users are to be removed.
    """

    title: str = Field(max_length=200, examples=["Máy chủ NTP mới"])
    reason: str = Field(default="", max_length=4_000)
    texts: dict[str, str] = Field(default={}, examples=[{"sw-dc": "ntp server 10.250.9.10"}])
    snippet: str = Field(default="", max_length=200_000)
    template: str = Field(default="", max_length=200_000)
    intended: str = Field(default="", max_length=100)
    standard: str = Field(default="", max_length=100)
    parameters: dict[str, str | int] = Field(default={}, max_length=100)
    versions: list[int] = Field(default=[], max_length=1_000)
    credential: Name = ""
    old_users_of: int = Field(default=0, ge=0, le=2**31 - 1)
    select: Selection = Selection()
    revert_seconds: int = Field(default=DEFAULT_REVERT_SECONDS, ge=1, le=3_600)
    rollout: Rollout | None = None
    opens_at: AwareDatetime | None = None
    closes_at: AwareDatetime | None = None


class Preview(Schema):
    """Devices that would get the same lines."""

    rendered: str
    devices: list[str]


class Line(Schema):
    """One line of what happened; `kind` is one of a closed set of words."""

    id: int
    at: datetime
    kind: str
    device: str
    text: str


class Glass(Schema):
    """Approval without a second person: why, and of which plan."""

    plan_sha256: str = Sha256
    reason: str = Field(min_length=1, max_length=4_000)


class Review(Schema):
    """What another person thinks of a broken glass."""

    text: str = Field(min_length=1, max_length=4_000)


class StandardCreate(Schema):
    """A template with ranges of its parameters, to be approved once."""

    name: str = Field(max_length=100, examples=["access-vlan"])
    description: str = Field(max_length=4_000)
    template: str = Field(max_length=200_000)
    parameters: dict[str, dict[str, Any]] = Field(
        max_length=50, examples=[{"vlan": {"type": "integer", "min": 100, "max": 199}}]
    )
    platforms: list[Name] = Field(max_length=50)
    expires_at: AwareDatetime


class StandardChange(Schema):
    """A standard change; `state` is its approval's."""

    id: int
    name: str
    description: str
    template: str
    parameters: dict[str, Any]
    platforms: list[str]
    sha256: str
    requester: str
    approver: str | None
    state: str
    created_at: datetime
    expires_at: datetime


class StandardDecision(Schema):
    """Yes or no to exactly the standard change that was read."""

    sha256: str = Sha256


class FreezeCreate(Schema):
    """A time in which nothing is changed at a unit, site or device."""

    element: str = Field(max_length=150, examples=["unit:xa-01"])
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason: str = Field(max_length=300)


class Freeze(Schema):
    """A time in which nothing is changed at `element`; `name` is what people call that."""

    id: int
    element: str
    name: str
    starts_at: datetime
    ends_at: datetime
    reason: str


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

    `outcomes` says of each device: done, failed, unreachable, unfinished or unknown. `schedule_id`
    names the schedule that started it.
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
    schedule_id: int | None


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
