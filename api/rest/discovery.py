"""What Prometheus asks: where our monitors are."""

from typing import Any

from fastapi import APIRouter

from api.callers import CallerDep
from hatang.auth import Permission, require
from monitors import service

router = APIRouter(tags=["prometheus"])
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound


@router.get("/sd/prometheus")
@router.get("/prometheus/targets", include_in_schema=False)
def targets(caller: CallerDep) -> list[dict[str, Any]]:
    """Return the scrape targets (http_sd); needs a token that may read metrics."""
    require(caller.actor, Permission.METRICS_READ)
    listen = caller.context.settings.monitors.listen
    host = _ANYWHERE.get(listen.host, listen.host)
    address = f"[{host}]:{listen.port}" if ":" in host else f"{host}:{listen.port}"
    with caller.read() as session:
        return service.sd_targets(session, caller.actor, address)
