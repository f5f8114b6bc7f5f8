"""What supervisors and Prometheus ask of the api process itself."""

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.responses import Response

from alerts.notification import delivery
from alerts.service import list_troubles
from api.callers import CallerDep, ContextDep
from api.context import ApiContext
from hatang import metrics
from hatang.auth import Permission, require
from hatang.errors import HatangError
from playbooks import isolation

router = APIRouter(tags=["process"])


@router.get("/healthz")
def healthz() -> PlainTextResponse:
    """Answer as long as the process can."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
async def readyz(context: ContextDep) -> JSONResponse:
    """Answer 200 when the records open and the monitor speaks, else 503 and which does not.

    Notification that is turned off or does not get through is told and does not count; so are
    playbooks that run as hatang's own user.
    """
    parts = {"database": await _database(context), "monitor": await _monitor(context)}
    ready = all(state == "ok" for state in parts.values())
    parts["notification"] = await run_in_threadpool(_notification, context)
    parts["playbook_isolation"] = isolation.describe(context.settings)
    return JSONResponse({"ready": ready, "parts": parts}, 200 if ready else 503)


@router.get("/metrics", response_class=PlainTextResponse)
def own_metrics(caller: CallerDep, request: Request) -> Response:
    """Return the api's own metrics, in OpenMetrics for those who accept it."""
    require(caller.actor, Permission.METRICS_READ)
    page, kind = metrics.render(request.headers.get("accept", ""))
    return Response(page, headers={"content-type": kind})


async def _database(context: ApiContext) -> str:
    try:
        await run_in_threadpool(context.db.ping)
    except HatangError:
        return "does not answer"
    return "ok"


def _notification(context: ApiContext) -> str:
    if not context.settings.alertmanager_url:
        return "off: alertmanager.run is false and alertmanager.url is empty"
    try:
        with context.db.read() as session:
            return delivery.summary(list_troubles(session, context.settings))
    except HatangError:
        return "unknown"


async def _monitor(context: ApiContext) -> str:
    try:
        # Any question will do: a snapshot of 10,000 devices would be 60 MB.
        await context.monitor.samples("readyz")
    except HatangError as error:
        return error.message
    return "ok"
