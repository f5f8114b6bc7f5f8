"""Sites and circuits: what stands there, how it is reached, and who hangs on it."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.callers import Caller, CallerDep
from api.rest.paging import WindowDep
from api.web.rendering import page
from api.web.wiring import wiring
from hatang.auth import Actor
from hatang.db import AnySession
from hatang.errors import NotFoundError
from inventory import service as inventory
from inventory.choices import ElementKind as Kind
from inventory.jobs import today
from inventory.network import Element
from inventory.rows import EVERYTHING, CircuitRow, DeviceRow, LinkRow, Query, SiteRow
from monitors import elements as monitored
from monitors import graphs
from monitors import service as monitors
from monitors.choices import Cause, ElementKind, State, worst
from monitors.service import ElementStatus
from monitors.ways import way_state

router = APIRouter()


@router.get("/circuits")
def circuits_page(
    request: Request, caller: CallerDep, window: WindowDep, provider: str = ""
) -> HTMLResponse:
    """Show carriers' lines."""
    given = {"provider": provider.strip()[:100] or None}
    with caller.read() as session:
        values: dict[str, Any] = {
            "found": inventory.list_circuits(session, caller.actor, window.query(given)),
            "window": window,
            "provider": given["provider"] or "",
            "query": urlencode({"provider": given["provider"] or ""}),
            "names": _site_names(session, caller.actor),
        }
    return page(request, "circuits.html", **values)


@router.get("/circuits/{cid:path}")
def circuit_page(request: Request, caller: CallerDep, cid: str) -> HTMLResponse:
    """Show one circuit: its ends, their states, and who is cut off without it."""
    with caller.read() as session:
        found = inventory.list_circuits(session, caller.actor, Query({"cid": cid})).items
        if not found:
            raise NotFoundError(f"there is no circuit {cid}")
        links = inventory.list_links(session, caller.actor, Query({"circuit": cid})).items
        values: dict[str, Any] = {
            "circuit": found[0],
            "names": _site_names(session, caller.actor),
            "today": today(caller.context.settings),
            "ends": list(_ends(session, caller.actor, links)),
            "graphs": graphs.CIRCUIT,
            **_cut_off(session, caller, Element(Kind.CIRCUIT, cid)),
        }
        return page(request, "circuit.html", **values)


@router.get("/sites/{slug}")
def site_page(request: Request, caller: CallerDep, slug: str) -> HTMLResponse:
    """Show one site: its way to the data centre, devices, circuits, rooms."""
    with caller.read() as session:
        site = inventory.get_site(session, caller.actor, slug)
        topology = caller.context.topology(session)
        route = inventory.site_route(session, caller.actor, topology, slug)
        whole = Query({"site": slug}, limit=None)
        devices = inventory.list_devices(session, caller.actor, whole).items
        known = _states(session, caller.actor, devices)
        names = _site_names(session, caller.actor)
        values: dict[str, Any] = {
            "site": site,
            "unit": _unit_name(session, caller.actor, site),
            "state": worst([_state(known, device) for device in devices]),
            "route": route,
            "way": route and way_state(session, caller.actor, route),
            **_on_the_spot(session, caller.actor, site),
            "devices": devices,
            "names": names,
            "drawn": wiring(topology, devices, names, lambda one: _state(known, one)),
            "rooms": inventory.list_rooms(session, caller.actor, whole).items,
            "circuits": _circuits(session, caller.actor, slug),
            "known": known,
        }
        return page(request, "site.html", **values)


def _states(
    session: AnySession, actor: Actor, devices: Sequence[DeviceRow]
) -> dict[str, ElementStatus]:
    """Return the states of a site's devices by key; of those measured at least once."""
    keys = {device.device_key for device in devices}
    found = monitors.list_status(session, actor, kind=ElementKind.DEVICE, owner=keys)
    return {status.element.owner: status for status in found}


def _state(known: dict[str, ElementStatus], device: DeviceRow) -> State:
    return known[device.device_key].state if device.device_key in known else State.UNKNOWN


def _on_the_spot(session: AnySession, actor: Actor, site: SiteRow) -> dict[str, Any]:
    """Return whom to call at a site, who else uses it, and its racks."""
    racks = Query({"site": site.slug}, limit=None)
    tenant = Query({"slug": site.tenant or ""})
    tenants = inventory.list_elements(session, actor, Kind.TENANT, tenant).items
    return {
        "contacts": inventory.list_holding(session, actor, Kind.CONTACT, "sites", site.id),
        "racks": inventory.list_elements(session, actor, Kind.RACK, racks).items,
        "tenant": tenants[0] if tenants else None,
    }


def _site_names(session: AnySession, actor: Actor) -> dict[str, str]:
    return {site.slug: site.name for site in inventory.list_sites(session, actor, EVERYTHING).items}


def _ends(
    session: AnySession, actor: Actor, links: Sequence[LinkRow]
) -> Iterator[tuple[str, ElementStatus]]:
    """Yield the interfaces at both ends of cables with what was measured of them.

    An end outside the asker's scope is left out.
    """
    ends = [
        end
        for link in links
        for end in ((link.a_device, link.a_interface), (link.z_device, link.z_interface))
    ]
    known = monitors.device_statuses(session, actor, {device for device, _ in ends})
    for device, port in ends:
        if device in known:
            status = known[device]
            parts = {part.element.name: part for part in status.parts}
            yield f"{device}:{port}", parts.get(port) or _unmeasured(status.device, port)


def _unmeasured(device: ElementStatus, port: str) -> ElementStatus:
    """Return the state of an interface nobody measured: its device's when that is bad."""
    if device.state is State.BAD:
        return device
    what = monitored.Element(ElementKind.INTERFACE, device.element.owner, port)
    never = Cause.NEVER_MEASURED
    return ElementStatus(what, State.UNKNOWN, never, None, State.UNKNOWN, device.scope_id)


def _cut_off(session: AnySession, caller: Caller, element: Element) -> dict[str, Any]:
    """Return who loses everything when `element` fails, as far as the asker sees them."""
    try:
        impact = caller.context.topology(session).affected(element)
    except NotFoundError:  # No cable is drawn over it.
        return {"is_drawn": False, "sites": [], "services": [], "rooms": [], "people": None}
    sites = inventory.list_sites(session, caller.actor, EVERYTHING).items
    services = inventory.list_services(session, caller.actor, EVERYTHING).items
    rooms = inventory.list_rooms(session, caller.actor, EVERYTHING).items
    return {
        "is_drawn": True,
        "sites": [row for row in sites if row.slug in impact.sites],
        "services": [row for row in services if row.code in impact.services],
        "rooms": [row for row in rooms if row.code in impact.rooms],
        "people": impact.people,
    }


def _unit_name(session: AnySession, actor: Actor, site: SiteRow) -> str:
    found = inventory.list_units(session, actor, Query({"code": site.unit})).items
    return found[0].name if found else site.unit


def _circuits(session: AnySession, actor: Actor, slug: str) -> list[CircuitRow]:
    ends = (Query({"a_site": slug}, limit=None), Query({"z_site": slug}, limit=None))
    rows = [row for end in ends for row in inventory.list_circuits(session, actor, end).items]
    return sorted(dict.fromkeys(rows), key=lambda row: row.cid)
