"""Meetings while they run and after: who is in them, what bridges tell, minutes, calendars."""

from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from api import reports
from api.callers import CallerDep, context_of
from api.rest.schemas import conference as schemas
from api.web.attachments import TYPES
from conference import service
from hatang.i18n import use_language
from hatang.reports import to_csv, written

router = APIRouter(tags=["conference"])
Uid = Annotated[str, Path(min_length=1, max_length=255)]
CALENDAR: Final = "text/calendar"
_BINARY: Final[dict[str, Any]] = {"schema": {"type": "string", "format": "binary"}}
_MEDIA: Final[dict[str, str]] = {"csv": "text/csv"} | dict(TYPES.items())


async def _raw(request: Request) -> bytes:
    """Return the body as it came: what is signed or digested must not be parsed first."""
    return await request.body()


RawDep = Annotated[bytes, Depends(_raw)]
TokenHeader = Annotated[str, Header(alias="X-Hatang-Bridge-Token", max_length=200)]


def _proof(request: Request, bridge: str, token: TokenHeader = "") -> None:
    with context_of(request).db.read() as session:
        service.prove(session, bridge, token)


async def _proven(request: Request, proof: Annotated[None, Depends(_proof)]) -> bytes:
    """Return the body of who has the bridge's token; nobody else's is read at all."""
    return await request.body()


ProvenDep = Annotated[bytes, Depends(_proven)]


@router.post("/meetings:import", openapi_extra={"requestBody": {"content": {CALENDAR: _BINARY}}})
def import_calendar(
    caller: CallerDep, body: RawDep, bridge: Annotated[str, Query(max_length=64)] = ""
) -> schemas.Imported:
    """Put every meeting of an iCalendar file, or none; `bridge` is of those that name none."""
    zone = ZoneInfo(caller.context.settings.timezone)
    with caller.write() as session:
        found = service.import_calendar(session, caller.actor, body, zone, bridge)
    return schemas.Imported(uids=list(found.uids))


@router.get(
    "/meetings.ics",
    response_class=Response,
    responses={200: {"description": "The calendar", "content": {CALENDAR: _BINARY}}},
)
def export_calendar(caller: CallerDep) -> Response:
    """Return the meetings that are not over as iCalendar."""
    with caller.read() as session:
        content = service.export_calendar(session, caller.actor)
    return Response(content, media_type=f"{CALENDAR}; charset=utf-8")


@router.get("/meetings/{uid:path}/live")
def live(caller: CallerDep, uid: Uid) -> schemas.Live:
    """Return who is in the meeting and how they are heard, the worst first."""
    with caller.read() as session:
        return schemas.Live.model_validate(service.live(session, caller.actor, uid))


@router.get("/meetings/{uid:path}/points/{room}/windows")
def windows(caller: CallerDep, uid: Uid, room: str) -> list[schemas.StreamWindow]:
    """Return how a point was heard in the meeting, the earliest window first."""
    with caller.read() as session:
        rows = service.windows(session, caller.actor, uid, room)
        return [schemas.StreamWindow.model_validate(row) for row in rows]


@router.get("/meetings/{uid:path}/minutes")
def minutes(caller: CallerDep, uid: Uid) -> schemas.Minutes:
    """Return the minutes as far as they can be told now, with their SHA-256."""
    with caller.read() as session:
        return schemas.Minutes.model_validate(service.minutes(session, caller.actor, uid))


@router.get(
    "/meetings/{uid:path}/minutes.{form}",
    response_class=Response,
    responses={
        200: {
            "description": "The file",
            "content": dict.fromkeys(_MEDIA.values(), _BINARY),
        }
    },
)
def minutes_file(
    caller: CallerDep,
    uid: Uid,
    form: Literal["csv", "docx", "pdf", "xlsx"],
    language: Annotated[Literal["vi", "en"], Query(description="Of its words.")] = "vi",
) -> Response:
    """Return the minutes as a file, in either language."""
    zone = caller.context.settings.timezone
    with use_language(language), caller.read() as session:
        document = reports.minutes(session, caller.actor, uid, zone)
        points = document.tables[0]
        content = to_csv(points) if form == "csv" else written(document, f".{form}")
    return Response(content, media_type=_MEDIA[form])


@router.get("/meetings/{uid:path}")
def get_meeting(caller: CallerDep, uid: Uid) -> schemas.Meeting:
    """Return one meeting."""
    with caller.read() as session:
        return schemas.Meeting.model_validate(service.get_meeting(session, caller.actor, uid))


@router.post("/bridges/{code}/ingest-token", status_code=201)
def issue_token(caller: CallerDep, code: str) -> schemas.IngestToken:
    """Give the bridge a new token to tell with, shown this once; the one before holds no longer."""
    with caller.write() as session:
        token = service.issue_token(session, caller.actor, code)
    return schemas.IngestToken(bridge=code, token=token)


@router.post(
    "/ingest/{bridge}/{kind}",
    status_code=202,
    openapi_extra={"requestBody": {"content": {"application/octet-stream": _BINARY}}},
)
def ingest(
    request: Request,
    body: ProvenDep,
    bridge: str,
    kind: Literal["cdr", "eventsink", "janus"],
    token: TokenHeader = "",
) -> schemas.Taken:
    """Take in what a bridge tells by itself, proven by its own token, each message once."""
    with context_of(request).db.write() as session:
        found = service.ingest(session, bridge, token, kind, body)
    return schemas.Taken(events=found.events, missing=found.missing)
