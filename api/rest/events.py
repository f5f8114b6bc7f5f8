"""The event stream: one a browser, checked anew for every event, replayed after a gap."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Header, Request
from fastapi.concurrency import run_in_threadpool
from sse_starlette import EventSourceResponse, ServerSentEvent

from api import feed
from api.callers import Caller, CallerDep, reauthenticate
from hatang.errors import HatangError, UnauthenticatedError
from hatang.events import head

router = APIRouter(tags=["events"])
LOOK_SECONDS: Final = 1.0
PING_SECONDS: Final = 15


@router.get("/events", response_class=EventSourceResponse)
async def events(
    request: Request,
    caller: CallerDep,
    last_event_id: Annotated[str, Header(max_length=20)] = "",
) -> EventSourceResponse:
    """Stream what happens (server-sent events); `Last-Event-ID` replays what was missed.

    The stream ends when the session does; a client then signs in again.
    """
    start = int(last_event_id) if last_event_id.isdigit() else None
    return EventSourceResponse(
        _stream(request, caller, start), ping=PING_SECONDS, headers={"Cache-Control": "no-store"}
    )


async def _stream(
    request: Request, caller: Caller, start: int | None
) -> AsyncIterator[ServerSentEvent]:
    position = start if start is not None else await run_in_threadpool(_head, caller)
    # Said at once, so that the reader knows it is connected and where to go on from.
    yield ServerSentEvent(data="{}", event="ready", id=str(position), retry=3_000)
    while not await request.is_disconnected():
        try:
            told, position = await run_in_threadpool(_next, request, caller, position)
        except UnauthenticatedError:
            yield ServerSentEvent(data="{}", event="signed-out")
            return
        except HatangError:
            return
        for one in told:
            yield ServerSentEvent(data=_text(one), event=one.topic, id=str(one.id))
        await asyncio.sleep(LOOK_SECONDS)


def _head(caller: Caller) -> int:
    with caller.read() as session:
        return head(session)


def _next(request: Request, caller: Caller, position: int) -> tuple[list[feed.Told], int]:
    with caller.read() as session:
        if head(session) <= position:
            return [], position
    known = reauthenticate(request, caller.context)
    with caller.read() as session:
        return feed.after(session, known.actor, position)


def _text(told: feed.Told) -> str:
    content = {"topic": told.topic, "key": told.key, "at": told.at.isoformat()}
    return json.dumps(content | {"payload": told.payload}, ensure_ascii=False)
