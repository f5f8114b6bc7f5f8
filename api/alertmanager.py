"""The door Prometheus posts to, as Alertmanager's API v2: any correct client of it works.

https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
"""

import json
import re
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Query
from fastapi.responses import JSONResponse
from starlette.requests import Request

from alerts import intake
from api.callers import Caller, CallerDep, ContextDep, address_of
from hatang import __version__
from hatang.errors import InvalidInputError, NotFoundError, Problem

router = APIRouter(prefix="/alertmanager/api/v2", tags=["alertmanager"])
RECEIVER: Final = {"name": "hatang"}
Filters = Annotated[list[str], Query(alias="filter", max_length=64)]
# As Alertmanager parses them: name, one of = != =~ !~, and a value that may be quoted.
_MATCHER: Final = re.compile(
    r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|[^"]*?)\s*'
)


@router.post("/alerts")
def post_alerts(request: Request, caller: CallerDep, body: Annotated[Any, Body()]) -> JSONResponse:
    """Take alerts; firing until an explicit end, per sender."""
    with caller.write() as session:
        intake.ingest(session, caller.actor, _sender(request, caller), body)
    return JSONResponse(None, 200)


def _sender(request: Request, caller: Caller) -> str:
    # Two replicas may share a token, but never an address; each has its own word.
    return f"{caller.identity.key[:12]}@{address_of(request)}"


@router.get("/alerts")
def get_alerts(
    caller: CallerDep,
    filters: Filters = [],  # noqa: B006 - FastAPI copies it
    *,
    active: bool = True,
    silenced: bool = True,
) -> JSONResponse:
    """Return the firing alerts that fit every filter."""
    with caller.read() as session:
        found = intake.list_alerts(session, caller.actor, _matchers(filters))
    wanted = {"active": active, "suppressed": silenced}
    return JSONResponse([one for one in found if wanted[one["status"]["state"]]])


@router.get("/alerts/groups")
def get_groups(caller: CallerDep, filters: Filters = []) -> JSONResponse:  # noqa: B006 - copied
    """Return the same alerts in one group an alert name."""
    with caller.read() as session:
        found = intake.list_alerts(session, caller.actor, _matchers(filters))
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in found:
        groups.setdefault(one["labels"].get("alertname", ""), []).append(one)
    return JSONResponse(
        [
            {"labels": {"alertname": name}, "receiver": RECEIVER, "alerts": alerts}
            for name, alerts in sorted(groups.items())
        ]
    )


@router.get("/receivers")
def get_receivers(_caller: CallerDep) -> JSONResponse:
    """Return our one receiver: what comes in here becomes incidents."""
    return JSONResponse([RECEIVER])


@router.get("/status")
def get_status(context: ContextDep, _caller: CallerDep) -> JSONResponse:
    """Return version and start, in the shape clients expect."""
    return JSONResponse(intake.status(context.started_at, __version__))


@router.get("/silences")
def get_silences(caller: CallerDep, filters: Filters = []) -> JSONResponse:  # noqa: B006 - copied
    """Return silences whose matchers include those asked for."""
    wanted = _matchers(filters)
    with caller.read() as session:
        found = intake.list_silences(session, caller.actor)
    return JSONResponse([s for s in found if all(m in s["matchers"] for m in wanted)])


@router.post("/silences")
def post_silence(caller: CallerDep, body: Annotated[Any, Body()]) -> JSONResponse:
    """Create or change a silence."""
    with caller.write() as session:
        return JSONResponse({"silenceID": intake.put_silence(session, caller.actor, body)})


@router.get("/silence/{silence_id}")
def get_silence(caller: CallerDep, silence_id: str) -> JSONResponse:
    """Return one silence."""
    with caller.read() as session:
        for one in intake.list_silences(session, caller.actor):
            if one["id"] == silence_id:
                return JSONResponse(one)
    raise NotFoundError(f"there is no silence {silence_id}")


@router.delete("/silence/{silence_id}")
def delete_silence(caller: CallerDep, silence_id: str) -> JSONResponse:
    """End a silence now."""
    with caller.write() as session:
        intake.expire_silence(session, caller.actor, silence_id)
    return JSONResponse(None)


def _matchers(filters: list[str]) -> list[dict[str, Any]]:
    problems, found = [], []
    for text in filters:
        match = _MATCHER.fullmatch(text[:1_200])
        if match is None:
            fix = 'Write it as name="value", with =, !=, =~ or !~.'
            problems.append(Problem("query", "filter", text[:80], "is no matcher", fix))
            continue
        name, sign, value = match.groups()
        found.append(
            {
                "name": name,
                "value": _unquoted(value),
                "isRegex": "~" in sign,
                "isEqual": not sign.startswith("!"),
            }
        )
    if problems:
        raise InvalidInputError(problems)
    return found


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        text: str = json.loads(value)
    except ValueError:
        return value[1:-1]
    return text
