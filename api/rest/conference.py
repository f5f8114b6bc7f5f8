"""Bridges, meetings, and whether a meeting's points are ready."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, Field

from api.callers import CallerDep
from api.rest.paging import Page, Schema, Sort, WindowDep, page_of
from api.rest.schemas.inventory import Bridge
from conference import service
from conference.choices import MeetingState, PointRole
from conference.service.meetings import DEFAULT_CALL_KBPS
from hatang import clock
from inventory import service as inventory

router = APIRouter(tags=["conference"])
Uid = Annotated[str, Path(min_length=1, max_length=255)]


class Conference(Schema):
    """A conference that runs on a bridge now."""

    remote_id: str
    name: str
    participant_count: int | None


class BridgeStatus(Schema):
    """A bridge as it answers now; a figure it does not tell is null."""

    state: str
    reason: str
    api_latency_seconds: float | None
    version: str | None
    participants: int | None
    ports_used: int | None
    ports_free: int | None
    ports_total: int | None
    conferences: list[Conference]


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

    A stale answer (older than a quarter of an hour) counts no point as ready.
    """

    uid: str
    verdict: str
    ready: int
    total: int
    finished_at: datetime | None
    age_seconds: float | None
    is_stale: bool
    points: list[PointVerdict]
    causes: list[Cause]
    checks: list[Check]


@router.get("/bridges")
def list_bridges(caller: CallerDep, window: WindowDep) -> Page[Bridge]:
    """Return conference bridges."""
    with caller.read() as session:
        return page_of(Bridge, inventory.list_bridges(session, caller.actor, window.query({})))


@router.get("/bridges/{code}/status")
def bridge_status(caller: CallerDep, code: str) -> BridgeStatus:
    """Ask a bridge how it is, now."""
    parts = caller.context
    found = service.bridge_status(
        parts.db, caller.actor, code, ways=service.Ways.of(parts.settings)
    )
    return BridgeStatus.model_validate(found)


@router.get("/conferences")
def list_conferences(caller: CallerDep) -> list[RunningConference]:
    """Ask every bridge which conferences run now; a bridge that is silent has none to tell."""
    parts = caller.context
    with caller.read() as session:
        codes = [row.code for row in inventory.list_bridges(session, caller.actor).items]
    return [
        RunningConference(
            bridge=code,
            remote_id=each.remote_id,
            name=each.name,
            participant_count=each.participant_count,
        )
        for code in codes
        for each in service.bridge_status(
            parts.db, caller.actor, code, ways=service.Ways.of(parts.settings)
        ).conferences
    ]


@router.get("/meetings")
def list_meetings(
    caller: CallerDep,
    window: WindowDep,
    state: Annotated[MeetingState | None, Query()] = None,
    sort: Sort = "",
    *,
    past: bool = False,
) -> Page[Meeting]:
    """Return meetings, the next one first; past ones only when asked."""
    after = None if past else clock.now()
    query = window.query({"state": state}, sort=sort)
    with caller.read() as session:
        found = service.list_meetings(session, caller.actor, query, ends_after=after)
        return page_of(Meeting, found)


@router.put("/meetings/{uid:path}")
def put_meeting(caller: CallerDep, uid: Uid, body: MeetingPut) -> Meeting:
    """Create the meeting with this UID, or make it be exactly so."""
    points = [service.PointInput(each.room, each.role, each.required) for each in body.points]
    wanted = service.MeetingInput(
        uid=uid,
        title=body.title,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        bridge=body.bridge,
        points=points,
        call_kbps=body.call_kbps,
        is_cancelled=body.is_cancelled,
    )
    with caller.write() as session:
        service.put_meeting(session, caller.actor, wanted)
        return Meeting.model_validate(service.get_meeting(session, caller.actor, uid))


@router.get("/meetings/{uid:path}/readiness")
def latest_readiness(caller: CallerDep, uid: Uid) -> Readiness:
    """Return the newest answer; unknown when nobody has looked."""
    with caller.read() as session:
        return _shown(service.latest_readiness(session, caller.actor, uid))


@router.post("/meetings/{uid:path}/readiness")
def check_readiness(caller: CallerDep, uid: Uid) -> Readiness:
    """Look at every point now; takes some seconds."""
    parts = caller.context
    service.check_readiness(parts.db, caller.actor, uid, ways=service.Ways.of(parts.settings))
    return latest_readiness(caller, uid)


def _shown(report: service.ReadinessReport) -> Readiness:
    found = report.verdict
    return Readiness(
        uid=report.meeting.uid,
        verdict=found.verdict,
        ready=found.ready,
        total=found.total,
        finished_at=report.finished_at,
        age_seconds=report.age_seconds,
        is_stale=report.is_stale,
        points=[PointVerdict.model_validate(point) for point in found.points],
        causes=[Cause.model_validate(cause) for cause in found.causes],
        checks=[Check.model_validate(check) for check in report.checks],
    )
