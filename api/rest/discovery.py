"""What Prometheus asks: where our monitors are."""

from typing import Any

from fastapi import APIRouter

from api.callers import CallerDep
from hatang.auth import Permission, require
from monitors import service

router = APIRouter(tags=["prometheus"])


@router.get("/sd/prometheus")
@router.get("/prometheus/targets", include_in_schema=False)
def targets(caller: CallerDep) -> list[dict[str, Any]]:
    """Return the scrape targets (http_sd); needs a token that may read metrics."""
    require(caller.actor, Permission.METRICS_READ)
    address = caller.context.settings.monitors.listen.reachable
    with caller.read() as session:
        return service.sd_targets(session, caller.actor, address)
