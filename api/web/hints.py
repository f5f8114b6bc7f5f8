"""What devices said unasked: traps and log lines, as a person reads them."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from api.callers import CallerDep
from api.rest.paging import WindowDep
from api.web.rendering import page
from api.web.words import hint_kind
from hatang.i18n import language
from monitors.hints import service
from monitors.hints.schema import HintKind

router = APIRouter(prefix="/hints")


@router.get("")
def list_page(
    request: Request,
    caller: CallerDep,
    window: WindowDep,
    device: Annotated[str, Query(max_length=200)] = "",
    kind: Annotated[HintKind | Literal[""], Query()] = "",
) -> HTMLResponse:
    """Show what devices said, newest first, of one device or kind if asked."""
    with caller.read() as session:
        found = service.list_hints(
            session,
            caller.actor,
            device=device or None,
            kind=kind or None,
            limit=window.limit,
            offset=window.offset,
        )
    texts = {row.id: row.text_vi if language() == "vi" else row.text_en for row in found.hints}
    values: dict[str, Any] = {
        "rows": found.hints,
        "texts": texts,
        "total": found.total,
        "window": window,
        "device": device,
        "kind": kind,
        "kinds": [(each, hint_kind(each)) for each in HintKind],
    }
    return page(request, "hints.html", **values)
