"""Questions to the drawn network: which way, what hides a device, who hangs on an element."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.callers import CallerDep
from api.rest.paging import MAX_LIMIT
from api.rest.schemas.topology import Affected, Named, Route, Upstream, Way
from hatang.errors import NotFoundError
from inventory import service
from inventory.choices import ElementKind, FailingKind
from inventory.network import Element
from monitors.ways import described, way_state

router = APIRouter(tags=["topology"])
Device = Annotated[str, Query(max_length=200)]


@router.get("/topology/path")
def path(caller: CallerDep, a: Device, b: Device = "") -> Way:
    """Return the way between two devices, by name or key; without `b` to the data centre."""
    with caller.read() as session:
        topology = caller.context.topology(session)
        way = service.way_between(session, caller.actor, topology, a, b)
        if way is None:
            raise NotFoundError(
                f"no drawn way leads from {a} to {b or 'the data centre'}",
                fix="Import the cables and circuits between them.",
            )
        return Way.model_validate(described(way, way_state(session, caller.actor, way)))


@router.get("/topology/upstream/{device}")
def upstream(caller: CallerDep, device: str) -> Upstream:
    """Return what hides a device when failing alone, from the data centre outwards."""
    with caller.read() as session:
        topology = caller.context.topology(session)
        return Upstream.model_validate(service.upstream(session, caller.actor, topology, device))


@router.get("/topology/affected/{kind}/{key:path}")
def affected(
    caller: CallerDep,
    kind: FailingKind,
    key: str,
    limit: Annotated[int, Query(ge=0, le=MAX_LIMIT, description="Names of each kind.")] = 100,
) -> Affected:
    """Return who loses what when a device, link, circuit, site or service fails alone."""
    with caller.read() as session:
        topology = caller.context.topology(session)
        element = Element(ElementKind(kind), key)
        found = service.affected(session, caller.actor, topology, element, limit)
        return Affected.model_validate(found)


@router.get("/sites/{slug}/route")
def site_route(caller: CallerDep, slug: str) -> Route:
    """Return a site's way to the data centre: each leg's state and width, what cuts it off."""
    with caller.read() as session:
        topology = caller.context.topology(session)
        found = service.site_route(session, caller.actor, topology, slug)
        if found is None:
            raise NotFoundError(
                f"no drawn way leads from {slug} to the data centre",
                fix="Import the cables and circuits of the site.",
            )
        told = described(found, way_state(session, caller.actor, found))
    points = [Named.model_validate(one) for one in found.single_points]
    own = {"site": found.site, "has_spare": found.has_spare, "single_points": points}
    return Route.model_validate(told | own)
