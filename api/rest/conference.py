"""Bridges, meetings, and whether a meeting's points are ready."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from api.callers import CallerDep
from api.rest.paging import Page, Sort, WindowDep, page_of
from api.rest.schemas import conference as schemas
from api.rest.schemas.conference import (
    BridgeStatus,
    Cause,
    Check,
    Meeting,
    MeetingPut,
    PointVerdict,
    Readiness,
    RunningConference,
)
from api.rest.schemas.inventory import Bridge
from conference import service
from conference.choices import Check as CheckName
from conference.choices import MeetingState
from hatang import clock
from inventory import service as inventory

router = APIRouter(tags=["conference"])
Uid = Annotated[str, Path(min_length=1, max_length=255)]


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
    with caller.read() as session:
        kept = service.get_heard(session, caller.actor, code)
    return _with_last(BridgeStatus.model_validate(found), kept)


def _with_last(now: BridgeStatus, kept: service.HeardRow) -> BridgeStatus:
    if kept.good is None or kept.good_at is None:
        return now
    told = {name: getattr(kept.good, name) for name in schemas.LastGood.model_fields
            if name not in ("at", "is_stale")}  # fmt: skip
    last = schemas.LastGood.model_validate({**told, "at": kept.good_at, "is_stale": kept.is_stale})
    return now.model_copy(update={"last_good": last})


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
    with caller.write() as session:
        service.put_meeting(session, caller.actor, _wanted(uid, body))
        return Meeting.model_validate(service.get_meeting(session, caller.actor, uid))


@router.get("/meetings/{uid:path}/readiness")
def latest_readiness(caller: CallerDep, uid: Uid) -> Readiness:
    """Return the newest answer; unknown when nobody has looked."""
    with caller.read() as session:
        return _shown(service.latest_readiness(session, caller.actor, uid))


@router.post("/meetings/{uid:path}/readiness")
def check_readiness(caller: CallerDep, uid: Uid, *, full: bool = False) -> Readiness:
    """Look at every point now; takes some seconds, with `full` measurements up to minutes."""
    parts = caller.context
    service.check_readiness(
        parts.db,
        caller.actor,
        uid,
        ways=service.Ways.of(parts.settings),
        terms=service.Terms.of(parts.settings),
        full=full,
    )
    return latest_readiness(caller, uid)


@router.get("/meetings/{uid:path}/waivers")
def list_waivers(caller: CallerDep, uid: Uid) -> list[schemas.Waiver]:
    """Return what somebody answers for in this meeting, those that expired too."""
    with caller.read() as session:
        rows = service.list_waivers(session, caller.actor, uid)
        return [schemas.Waiver.model_validate(row) for row in rows]


@router.put("/meetings/{uid:path}/points/{room}/waivers/{check}", status_code=204)
def put_waiver(
    caller: CallerDep, uid: Uid, room: str, check: CheckName, body: schemas.WaiverPut
) -> Response:
    """Answer by name for a check of a point that does not pass, until a time."""
    wanted = service.WaiverInput(room, check, body.reason, body.expires_at)
    with caller.write() as session:
        service.put_waiver(session, caller.actor, uid, wanted)
    return Response(status_code=204)


@router.delete("/meetings/{uid:path}/points/{room}/waivers/{check}", status_code=204)
def withdraw_waiver(caller: CallerDep, uid: Uid, room: str, check: CheckName) -> Response:
    """Take a waiver back."""
    with caller.write() as session:
        service.withdraw_waiver(session, caller.actor, uid, room, check)
    return Response(status_code=204)


@router.post("/whatif")
def what_if(caller: CallerDep, body: MeetingPut) -> schemas.WhatIf:
    """Return which lines and ports would run out, were this meeting held as well."""
    terms = service.Terms.of(caller.context.settings)
    with caller.read() as session:
        found = service.what_if(session, caller.actor, _wanted("whatif", body), terms)
        return schemas.WhatIf.model_validate(found)


def _wanted(uid: str, body: MeetingPut) -> service.MeetingInput:
    return service.MeetingInput(
        uid=uid,
        title=body.title,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        bridge=body.bridge,
        points=[service.PointInput(each.room, each.role, each.required) for each in body.points],
        call_kbps=body.call_kbps,
        content_kbps=body.content_kbps,
        is_cancelled=body.is_cancelled,
    )


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
        trigger=report.trigger,
        not_looked_at=report.not_looked_at,
        points=[PointVerdict.model_validate(point) for point in found.points],
        causes=[Cause.model_validate(cause) for cause in found.causes],
        checks=[Check.model_validate(check) for check in report.checks],
    )
