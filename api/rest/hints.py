"""What devices said unasked: traps and log lines."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.callers import CallerDep
from api.rest.paging import Page, WindowDep
from api.rest.schemas.hints import Hint
from monitors.hints import service
from monitors.hints.schema import HintKind

router = APIRouter(prefix="/hints", tags=["status"])


@router.get("")
def list_hints(
    caller: CallerDep,
    window: WindowDep,
    device: Annotated[
        str | None, Query(max_length=200, description="Of this device alone.")
    ] = None,
    kind: Annotated[HintKind | None, Query(description="Of this kind alone.")] = None,
) -> Page[Hint]:
    """Return what devices said, newest first; each made the monitor look, none changed a state."""
    with caller.read() as session:
        found = service.list_hints(
            session,
            caller.actor,
            device=device,
            kind=kind,
            limit=window.limit,
            offset=window.offset,
        )
        return window.cut(Hint, found.hints, found.total)
