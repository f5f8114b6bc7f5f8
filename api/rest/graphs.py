"""Numbers over time, drawn from Prometheus."""

import asyncio
from contextlib import aclosing
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.callers import CallerDep
from api.rest.schemas.graphs import GraphLine, GraphMark, GraphPicture
from api.rest.schemas.history import Span
from hatang import clock
from monitors.graphs import RANGES, Picture, draw
from monitors.history import PrometheusReader
from monitors.rollups import service
from monitors.subjects import Subject, subject

router = APIRouter(tags=["status"])
Range = Annotated[Literal["6h", "24h", "7d", "30d"], Query(description="How far back.")]


@router.get("/graphs/{kind}/{graph}")
def graph(
    caller: CallerDep,
    kind: Literal["device", "circuit", "service"],
    graph: str,
    key: Annotated[str, Query(min_length=1, max_length=200)],
    range: Range = "6h",
) -> GraphPicture:
    """Return a graph of a device (key: name), circuit (cid) or service (code).

    503 when Prometheus does not answer: nothing is drawn rather than nothing shown as zero.
    """
    with caller.read() as session:
        found = subject(session, caller.actor, kind, key, graph)
    return _shown(asyncio.run(_drawn(caller.context.settings.prometheus_url, found, range)), found)


@router.get("/history/{kind}")
def history(
    caller: CallerDep,
    kind: Literal["device", "circuit", "service"],
    since: date,
    until: date,
) -> list[Span]:
    """Return availability, traffic and errors over the days `since` to `until`, both counted."""
    with caller.read() as session:
        found = service.spans(session, caller.actor, kind, service.span_of(since, until))
    return [Span.model_validate(one) for one in found]


async def _drawn(url: str, found: Subject, span: str) -> Picture:
    async with aclosing(PrometheusReader(url)) as reader:
        return await draw(reader, found.graph, found.of, clock.now(), RANGES[span])


def _shown(picture: Picture, found: Subject) -> GraphPicture:
    lines = [
        GraphLine(
            name=line.name,
            label=line.label,
            values=list(line.values),
            last=line.last,
            maximum=line.maximum,
            percentile95=line.percentile95,
        )
        for line in picture.lines
    ]
    return GraphPicture(
        name=picture.graph.name,
        unit=picture.graph.unit,
        zero=picture.graph.zero,
        source="prometheus",
        at=list(picture.at),
        lines=lines,
        marks=[GraphMark(name=name, value=value) for name, value in found.marks],
    )
