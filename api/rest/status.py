"""How things stand: the network, sites, devices, services."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from pydantic import AwareDatetime

from api import overview
from api.callers import CallerDep
from api.rest.schemas.status import Device, Element, Network, Service, Site, SiteDetail
from hatang.errors import NotFoundError
from inventory import service as inventory
from inventory.rows import Query as Rows
from monitors import elements
from monitors import service as monitors
from monitors.choices import Cause, ElementKind, State
from monitors.service import ElementStatus, SiteStatus

router = APIRouter(tags=["status"])


@router.get("/network/status")
def network_status(
    caller: CallerDep,
    at: Annotated[
        AwareDatetime | None, Query(description="A moment that is over, with its offset; now.")
    ] = None,
) -> Network:
    """Return what is wrong and how everything stands, now or at a moment that is over."""
    with caller.read() as session:
        found = overview.network_status(session, caller.actor, at)
    return Network(
        at=found.at,
        state=found.state,
        is_stale=found.is_stale,
        incidents=found.incidents,
        worst_incident=found.worst.id if found.worst else None,
        devices={str(state): count for state, count in found.devices.items()},
        services={str(state): count for state, count in found.services.items()},
        in_maintenance=found.maintenance,
        sites=[_site(site) for site in found.sites],
        kept_since=found.kept_since,
    )


@router.get(
    "/fleet",
    responses={
        200: {"description": "Every device with its state"},
        304: {"description": "As known"},
    },
)
def fleet(
    caller: CallerDep, if_none_match: Annotated[str, Header(max_length=200)] = ""
) -> Response:
    """Return every device with its state; with the ETag of the last answer only if it changed."""
    with caller.read() as session:
        snapshot = caller.context.fleet(session, caller.actor)
    return snapshot.answer(if_none_match)


@router.get("/sites/{slug}/status")
def site_status(caller: CallerDep, slug: str) -> SiteDetail:
    """Return a site's state with its devices'; a site without devices is unknown."""
    with caller.read() as session:
        row = inventory.get_site(session, caller.actor, slug)
        known = {s.site: s for s in monitors.site_statuses(session, caller.actor)}.get(slug)
        query = Rows({"site": slug}, limit=None)
        devices = inventory.list_devices(session, caller.actor, query).items
        names = [device.name for device in devices]
        measured = monitors.device_statuses(session, caller.actor, names)
        found = [measured[name].device for name in names]
    counts = {str(state): count for state, count in known.counts.items()} if known else {}
    return SiteDetail(
        site=slug,
        name=row.name,
        state=known.state if known else State.UNKNOWN,
        counts=counts,
        devices=[element(each) for each in found],
    )


@router.get("/devices/{name}/status")
def device_status(caller: CallerDep, name: str) -> Device:
    """Return a device's state with its interfaces', UPS', and neighbours'."""
    with caller.read() as session:
        found = monitors.device_status(session, caller.actor, name)
    parts = [element(part) for part in found.parts]
    return Device(name=found.name, device=element(found.device), parts=parts)


@router.get("/services/{code}/status")
def service_status(caller: CallerDep, code: str) -> Service:
    """Return how a service answers its probes."""
    with caller.read() as session:
        rows = inventory.list_services(session, caller.actor, Rows({"code": code})).items
        if not rows:
            raise NotFoundError(f"there is no service {code}")
        found = monitors.list_status(
            session, caller.actor, kind=ElementKind.SERVICE, owner=rows[0].code
        )
    status = found[0] if found else unmeasured_service(code)
    return Service(code=code, name=rows[0].name, status=element(status))


@router.get("/sites/status")
def site_statuses(caller: CallerDep) -> list[Site]:
    """Return every site's state: what the map shows."""
    with caller.read() as session:
        return [_site(each) for each in monitors.site_statuses(session, caller.actor)]


def unmeasured_service(code: str) -> ElementStatus:
    """Return the status of a service nobody has probed: unknown."""
    what = elements.Element(ElementKind.SERVICE, code)
    return ElementStatus(what, State.UNKNOWN, Cause.NEVER_MEASURED, None, State.UNKNOWN, None)


def element(status: ElementStatus) -> Element:
    """Return an element's state as it leaves."""
    what = status.element
    return Element(
        element=what.key,
        kind=what.kind,
        owner=what.owner,
        name=what.name,
        state=status.state,
        cause=status.cause,
        since=status.since,
        last_state=status.last_state,
    )


def _site(status: SiteStatus) -> Site:
    counts = {str(state): count for state, count in status.counts.items()}
    return Site(site=status.site, name=status.name, state=status.state, counts=counts)
