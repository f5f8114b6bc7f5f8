"""What conference answers and takes."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Field

from api.rest.paging import Schema
from conference.choices import PointRole
from conference.service.meetings import DEFAULT_CALL_KBPS


class Conference(Schema):
    """A conference that runs on a bridge now."""

    remote_id: str
    name: str
    participant_count: int | None


class LastGood(Schema):
    """A bridge's last answer that was one; `is_stale` when nothing may rest on it any more."""

    at: datetime
    is_stale: bool
    state: str
    version: str | None
    participants: int | None
    ports_used: int | None
    ports_free: int | None
    ports_total: int | None
    alarms: list[str]
    media_load_ratio: float | None


class BridgeStatus(Schema):
    """A bridge as it answers now; a figure it does not tell is null.

    `fields_supported` are what its driver can tell at all, `rx.` from the rooms and `tx.` to them.
    `last_good` is what it answered when it last did.
    """

    state: str
    reason: str
    api_latency_seconds: float | None
    version: str | None
    participants: int | None
    ports_used: int | None
    ports_free: int | None
    ports_total: int | None
    conferences: list[Conference]
    alarms: list[str]
    media_load_ratio: float | None
    certificate_expires_at: datetime | None
    clock_offset_seconds: float | None
    conferences_active: int | None
    registrations_active: int | None
    registrations_inactive: int | None
    fields_supported: Annotated[list[str], BeforeValidator(sorted)]
    last_good: LastGood | None = None


class Diagnostic(Schema):
    """A fault that an endpoint finds in itself, in its own words."""

    is_grave: bool
    kind: str
    text: str


class Stream(Schema):
    """A stream of a call; `rx` is what the endpoint sends to the bridge, `tx` what it gets."""

    direction: str
    media: str
    packets: int | None
    packets_lost: int | None
    loss_ratio: float | None
    jitter_seconds: float | None
    bitrate_bps: float | None
    codec: str | None


class EndpointStatus(Schema):
    """An endpoint as it answers now; what it does not tell is null, `reason` why it does not.

    `diagnostics` is empty for one that finds no fault in itself, null for one that does not look.
    """

    reason: str
    version: str | None
    registered: bool | None
    registration_reason: str
    active_calls: int | None
    diagnostics: list[Diagnostic] | None
    streams: list[Stream]
    certificate_expires_at: datetime | None
    clock_offset_seconds: float | None
    fields_supported: Annotated[list[str], BeforeValidator(sorted)]


class Alias(Schema):
    """What somebody is called in conferences, and the room that is."""

    alias: str
    room: str
    room_name: str
    actor: str
    created_at: datetime


class AliasPut(Schema):
    """Which room somebody is who is called so."""

    alias: str = Field(min_length=1, max_length=255)
    room: str = Field(min_length=1, max_length=64)


class Written(Schema):
    """How many were written down."""

    count: int


class RunningConference(Conference):
    """A running conference and the bridge it runs on."""

    bridge: str


class Meeting(Schema):
    """A meeting; `uid` is its iCalendar UID."""

    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    bridge: str
    call_kbps: int
    content_kbps: int
    state: str
    points: int


class PointPut(Schema):
    """A room that takes part; a required one stops the meeting when it fails."""

    room: str = Field(max_length=100)
    role: PointRole = PointRole.VIEWER
    required: bool = False


class MeetingPut(Schema):
    """What a meeting shall be; sending it twice changes nothing."""

    title: str = Field(max_length=255)
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    bridge: str = Field(max_length=100)
    points: list[PointPut] = Field(max_length=2_000)
    call_kbps: int = DEFAULT_CALL_KBPS
    content_kbps: int = 0
    is_cancelled: bool = False


class PointVerdict(Schema):
    """A point's readiness and what stands in its way."""

    room: str
    verdict: str
    cause: str


class Cause(Schema):
    """A cause and how many points it keeps out."""

    name: str
    points: int


class Check(Schema):
    """One check; no room means the bridge's."""

    room: str | None
    check: str
    result: str
    cause: str
    measured: dict[str, Any]


class Readiness(Schema):
    """How many points are ready, and whose fault it is that others are not.

    A stale answer (older than a quarter of an hour) counts no point as ready. `not_looked_at` is of
    how many points a check could not be made; they did not pass it.
    """

    uid: str
    verdict: str
    ready: int
    total: int
    finished_at: datetime | None
    age_seconds: float | None
    is_stale: bool
    trigger: str
    not_looked_at: dict[str, int]
    points: list[PointVerdict]
    causes: list[Cause]
    checks: list[Check]


class Waiver(Schema):
    """What somebody answers for at a point, why, and until when."""

    room: str
    check: str
    reason: str
    actor: str
    created_at: datetime
    expires_at: datetime


class WaiverPut(Schema):
    """Why the meeting goes on without it, and until when, with the meeting's end at the latest."""

    reason: str = Field(max_length=1_000)
    expires_at: AwareDatetime


class Congested(Schema):
    """A line that does not suffice, or of which it cannot be told; figures are bit/s."""

    line: str
    name: str
    direction: str
    result: str
    points: list[str]
    need_bps: int
    reserved_bps: int
    capacity_bps: int | None
    usual_bps: float | None
    free_bps: float | None
    cause: str


class WhatIf(Schema):
    """What would run out; `missing_ports` is null where the bridge's ports are not known.

    `unrated` are the rooms with no line of a known rate on their way: nobody can tell of them.
    """

    need_bps: int
    congested: list[Congested]
    not_known: list[Congested]
    bridge: str
    bridge_result: str
    bridge_cause: str
    missing_ports: int | None
    unrated: list[str]


class Imported(Schema):
    """The meetings that were put, by their UID."""

    uids: list[str]


class StreamWindow(Schema):
    """One stream over 20 s; `rx` is from the room to the bridge. What nobody told is null."""

    at: datetime
    direction: str
    media: str
    packets: int | None
    packets_lost: int | None
    loss_ratio: float | None
    jitter_seconds: float | None
    rtt_seconds: float | None
    bitrate_bps: float | None
    quality: str


class LivePoint(Schema):
    """A point as it is heard; `loss_ratio` is of the worst stream, of `packets` in its window.

    `streams` are the newest windows, `cause` is of a poor or absent point.
    """

    room: str
    name: str
    site: str
    contact_phone: str | None
    required: bool
    is_in: bool
    method: str
    joined_at: datetime | None
    left_at: datetime | None
    drops: int
    quality: str
    loss_ratio: float | None
    packets: int | None
    heard_at: datetime | None
    streams: list[StreamWindow]
    cause: str


class Live(Schema):
    """A meeting now, the worst point first; `strangers` are in it, and no point's."""

    uid: str
    at: datetime
    points: list[LivePoint]
    strangers: list[str]


class PointMinutes(Schema):
    """A point in the minutes: when it was there, and for how long it was heard how well.

    `before` and `after` are what was measured of its way, `incidents` what broke meanwhile.
    """

    room: str
    name: str
    site_name: str
    role: str
    required: bool
    joined_at: datetime | None
    left_at: datetime | None
    present_seconds: float
    drops: int
    seconds_by_quality: dict[str, int]
    worst_loss_ratio: float | None
    worst_at: datetime | None
    readiness: str
    cause: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    incidents: list[str]


class Minutes(Schema):
    """The minutes of a meeting; `sha256` is of their canonical JSON without it."""

    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    bridge: str
    invited: int
    attended: int
    points: list[PointMinutes]
    strangers: list[str]
    waivers: list[dict[str, Any]]
    checked_at: datetime | None
    checked_after_at: datetime | None
    sha256: str


class IngestToken(Schema):
    """What a bridge proves itself with in the header `X-Hatang-Bridge-Token`; shown once."""

    bridge: str
    token: str


class Taken(Schema):
    """How much was understood; `missing` is what the sender's own count says was lost."""

    events: int
    missing: int
