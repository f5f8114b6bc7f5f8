"""The drawing of the network: rings of sites around the data centre, broken ways emphasised."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import AwareDatetime

from api.callers import CallerDep
from api.network import Drawing, draw
from api.web import words
from api.web.rendering import page

router = APIRouter()
SHOWN_BROKEN = 50


@router.get("/network")
def network_page(request: Request, caller: CallerDep) -> HTMLResponse:
    """Show the drawing, and in words what of it is broken."""
    with caller.read() as session:
        drawing = caller.context.drawings(session, caller.actor, caller.context.topology)
    values: dict[str, Any] = {
        "sites": len(drawing.sites),
        "edges": len(drawing.edges),
        "apart": [one.placed for one in drawing.sites if one.point is None],
        "source": "",
        **broken(drawing),
    }
    return page(request, "network.html", **values)


@router.get("/network/drawing")
def drawing(
    caller: CallerDep,
    at: AwareDatetime | None = None,
    if_none_match: Annotated[str, Header(max_length=200)] = "",
) -> Response:
    """Return what the drawing is made of; asked for again whenever something happened."""
    context = caller.context
    with caller.read() as session:
        if at is not None:
            return JSONResponse(_told(draw(session, caller.actor, context.topology(session), at)))
        told = context.drawings.told(session, caller.actor, context.topology, _told)
    return told.answer(if_none_match)


def _told(found: Drawing) -> dict[str, Any]:
    return {"nodes": _nodes(found), "edges": _edges(found)}


def broken(found: Drawing) -> dict[str, Any]:
    """Return what a page says of broken connections: the first, the rest counted, site names."""
    edges = [edge for edge in found.edges if edge.broken]
    return {
        "broken": edges[:SHOWN_BROKEN],
        "more": max(0, len(edges) - SHOWN_BROKEN),
        "names": {one.placed.site.slug: one.placed.site.name for one in found.sites},
    }


def _nodes(found: Drawing) -> list[dict[str, Any]]:
    return [
        {
            "id": one.placed.site.slug,
            "name": one.placed.site.name,
            "kind": one.placed.site.kind,
            "state": one.placed.state,
            "word": words.state(one.placed.state).word,
            "x": one.point[0],
            "y": one.point[1],
        }
        for one in found.sites
        if one.point is not None
    ]


def _edges(found: Drawing) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{edge.a} {edge.z}",
            "a": edge.a,
            "z": edge.z,
            "state": _state(edge.links, edge.broken),
            "circuits": list(edge.circuits),
        }
        for edge in found.edges
    ]


def _state(links: int, broken: int) -> str:
    if not broken:
        return "whole"
    return "bad" if broken == links else "degraded"
