"""The door Prometheus posts to, as Alertmanager's API v2: any correct client of it works.

https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Depends, Query
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from alerts import intake, listing, silences
from alerts.matchers import parse_all
from alerts.notification.rendering import render_alertmanager
from api.callers import Caller, CallerDep, ContextDep, address_of
from api.errors import invalid
from hatang import __version__
from hatang.errors import InvalidInputError, NotFoundError, Problem

MOST_NAMED: Final = 100
"""Problems of one answer; a batch may hold twenty thousand."""


class AlertmanagerRoute(APIRoute):
    """Answers what a client did wrong as Alertmanager does: a status and one JSON string."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, with its refusals in Alertmanager's form."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                return _refused(invalid(error.errors()).problems)
            except InvalidInputError as error:
                return _refused(error.problems)
            except NotFoundError as error:
                return JSONResponse(error.message, 404)

        return answer


def _refused(problems: tuple[Problem, ...] | list[Problem]) -> JSONResponse:
    return JSONResponse("; ".join(_sentence(each) for each in problems[:MOST_NAMED]), 400)


def _sentence(problem: Problem) -> str:
    value = f" {problem.value!r}" if problem.value else ""
    return f"{problem.where}: {problem.field}{value} {problem.message}. {problem.fix}"


router = APIRouter(
    prefix="/alertmanager/api/v2", tags=["alertmanager"], route_class=AlertmanagerRoute
)
Filters = Annotated[list[str], Query(alias="filter", max_length=64)]
ReceiverMatchers = Annotated[list[str], Query(max_length=64)]


def _wanted(  # noqa: PLR0913, PLR0917 RUF100 - one for each parameter of Alertmanager's
    filters: Filters = [],  # noqa: B006 - FastAPI copies it
    receiver_matchers: ReceiverMatchers = [],  # noqa: B006 - copied
    receiver: str = "",
    *,
    active: bool = True,
    silenced: bool = True,
) -> listing.Wanted:
    return listing.Wanted(
        parse_all(filters), active, silenced, receiver, parse_all(receiver_matchers)
    )


WantedDep = Annotated[listing.Wanted, Depends(_wanted)]


@router.post("/alerts")
def post_alerts(request: Request, caller: CallerDep, body: Annotated[Any, Body()]) -> JSONResponse:
    """Take alerts; firing until an explicit end, per sender.

    What is right of them is kept even where the rest is refused, which the answer names.
    """
    replicas = caller.context.settings.alerts.replica_labels
    posting = intake.read(_sender(request, caller), body, replicas)
    with caller.write() as session:
        intake.ingest(session, caller.actor, posting)
    return _refused(list(posting.problems)) if posting.problems else JSONResponse(None, 200)


def _sender(request: Request, caller: Caller) -> str:
    # Two replicas may share a token, but never an address; each has its own word.
    return f"{caller.identity.key[:12]}@{address_of(request)}"


@router.get("/alerts")
def get_alerts(caller: CallerDep, wanted: WantedDep) -> JSONResponse:
    """Return the firing alerts that fit every filter."""
    with caller.read() as session:
        return JSONResponse(listing.list_alerts(session, caller.actor, wanted))


@router.get("/alerts/groups")
def get_groups(caller: CallerDep, wanted: WantedDep) -> JSONResponse:
    """Return the same alerts in one group an alert name."""
    with caller.read() as session:
        return JSONResponse(listing.list_groups(session, caller.actor, wanted))


@router.get("/receivers")
def get_receivers(_caller: CallerDep, wanted: WantedDep) -> JSONResponse:
    """Return our one receiver: what comes in here becomes incidents."""
    return JSONResponse(listing.list_receivers(wanted))


@router.get("/status")
def get_status(context: ContextDep, caller: CallerDep) -> JSONResponse:
    """Return version, start, and what our Alertmanager is configured with, secrets taken out."""
    shown = ""
    if listing.sees_all(caller.actor):
        shown = render_alertmanager(context.settings, redacted=True)
    return JSONResponse(listing.status(context.started_at, __version__, shown))


@router.get("/silences")
def get_silences(
    caller: CallerDep,
    filters: Filters = [],  # noqa: B006 - FastAPI copies it
    *,
    active: bool = True,
    pending: bool = True,
    expired: bool = True,
) -> JSONResponse:
    """Return silences whose matchers fit those asked for."""
    kept = {"active": active, "pending": pending, "expired": expired}
    with caller.read() as session:
        found = silences.list_silences(session, caller.actor, parse_all(filters))
    return JSONResponse([each for each in found if kept[each["status"]["state"]]])


@router.post("/silences")
def post_silence(caller: CallerDep, body: Annotated[Any, Body()]) -> JSONResponse:
    """Create or change a silence."""
    with caller.write() as session:
        return JSONResponse({"silenceID": silences.put_silence(session, caller.actor, body)})


@router.get("/silence/{silence_id}")
def get_silence(caller: CallerDep, silence_id: str) -> JSONResponse:
    """Return one silence."""
    with caller.read() as session:
        for one in silences.list_silences(session, caller.actor):
            if one["id"] == silence_id:
                return JSONResponse(one)
    raise NotFoundError(f"there is no silence {silence_id}")


@router.delete("/silence/{silence_id}")
def delete_silence(caller: CallerDep, silence_id: str) -> JSONResponse:
    """End a silence now."""
    with caller.write() as session:
        silences.expire_silence(session, caller.actor, silence_id)
    return JSONResponse(None)
