"""What leaves and comes in of drift."""

from datetime import datetime

from pydantic import Field

from api.rest.paging import Schema
from api.rest.schemas.changes import Selection


class Drift(Schema):
    """How a device stood to one intended configuration when it was compared last.

    `drifted_since` stays while the state is unknown; `reason` says why it is.
    """

    intended: str
    device: str
    site: str
    site_name: str
    unit: str
    unit_name: str
    state: str
    reason: str
    detail: str
    since: datetime
    drifted_since: datetime | None
    line_count: int
    version_id: int | None
    checked_at: datetime


class DriftLines(Schema):
    """A standing with the lines that would bring the device back, secrets masked."""

    row: Drift
    lines: str


class PastDrift(Schema):
    """A drift that is over."""

    intended: str
    since: datetime
    ended_at: datetime
    ending: str


class DeviceDrift(Schema):
    """How one device stands to all that is intended for it."""

    standings: list[DriftLines]
    past: list[PastDrift]


class DriftGroup(Schema):
    """How many devices of a group are in each state; of several the worst counts."""

    key: str
    name: str
    drifted: int
    unknown: int
    in_line: int


class Intended(Schema):
    """What is intended for which devices; of parameters the names alone.

    Not `is_readable`, what was set is gone or damaged and no parameter is known. `is_for_none`: no
    device matches it any more, nothing is compared with it.
    """

    id: int
    name: str
    template_sha256: str
    parameters: list[str]
    selection: dict[str, list[str]]
    is_whole: bool
    set_by: str
    set_at: datetime
    is_readable: bool
    is_for_none: bool


class IntendedSet(Schema):
    """A template of how the selected devices are to be; one of that name is replaced."""

    name: str = Field(max_length=100, examples=["ntp"])
    template: str = Field(max_length=200_000, examples=["ntp server {{ parameters.server }}"])
    parameters: dict[str, str | int] = Field(default={}, max_length=100)
    select: Selection = Selection()
    is_whole: bool = False


class DriftRun(Schema):
    """Which devices are to be compared now; none means all."""

    devices: list[str] = Field(default=[], max_length=1_000)
