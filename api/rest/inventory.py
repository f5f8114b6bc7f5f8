"""What exists: units, sites, devices, links, circuits, services."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from api.callers import CallerDep
from api.rest.paging import Page, Search, Sort, WindowDep, page_of
from api.rest.schemas.elements import SCHEMAS
from api.rest.schemas.inventory import (
    Circuit,
    Deviation,
    Device,
    DeviceDetail,
    Fact,
    Found,
    Link,
    Named,
    Place,
    Service,
    ServiceEndpoint,
    Site,
    Unit,
)
from inventory import service, showing
from inventory.choices import ElementKind
from inventory.rows import ElementRow

router = APIRouter(tags=["inventory"])
Interface = SCHEMAS["interfaces"]
Text = Annotated[str | None, Query(max_length=200)]


@router.get("/search")
def search(
    caller: CallerDep, search: Search, limit: Annotated[int, Query(ge=1, le=100)] = 5
) -> list[Found]:
    """Return what is called like `search`, whatever it is; hue finds Huế."""
    with caller.read() as session:
        groups = service.search(session, caller.actor, search, limit)
    return [Found(kind=one.kind, items=_named(one.items), total=one.total) for one in groups]


@router.get("/where/{address}")
def where_is(caller: CallerDep, address: Annotated[str, Path(max_length=64)]) -> list[Place]:
    """Return the ports where an IP or MAC address (any notation) was seen, the newest first."""
    with caller.read() as session:
        found = service.where_is(session, caller.actor, address)
    return [Place.model_validate(one) for one in found]


def _named(rows: Iterable[ElementRow]) -> list[Named]:
    return [Named(key=row.key, name=str(row.fields.get("name") or row.key)) for row in rows]


@router.get("/units")
def list_units(
    caller: CallerDep,
    window: WindowDep,
    kind: Text = None,
    parent: Text = None,
    search: Search = "",
) -> Page[Unit]:
    """Return the organisation tree, one row a unit."""
    query = window.query({"kind": kind, "parent": parent}, search)
    with caller.read() as session:
        return page_of(Unit, service.list_units(session, caller.actor, query))


@router.get("/sites")
def list_sites(
    caller: CallerDep, window: WindowDep, kind: Text = None, unit: Text = None, search: Search = ""
) -> Page[Site]:
    """Return sites."""
    query = window.query({"kind": kind, "unit": unit}, search)
    with caller.read() as session:
        return page_of(Site, service.list_sites(session, caller.actor, query))


def device_filters(
    site: Text = None, role: Text = None, platform: Text = None, status: Text = None
) -> dict[str, str | None]:
    """Return what devices are asked by."""
    return {"site": site, "role": role, "platform": platform, "status": status}


@router.get("/devices")
def list_devices(
    caller: CallerDep,
    window: WindowDep,
    filters: Annotated[dict[str, str | None], Depends(device_filters)],
    search: Search = "",
    sort: Sort = "",
) -> Page[Device]:
    """Return devices; their states are under /devices/{name}/status."""
    query = window.query(filters, search, sort)
    with caller.read() as session:
        return page_of(Device, service.list_devices(session, caller.actor, query))


@router.get("/devices/{name}")
def get_device(caller: CallerDep, name: str) -> DeviceDetail:
    """Return one device by its name or device_key, each field with what was observed of it."""
    with caller.read() as session:
        row = service.get_device(session, caller.actor, name)
        facts = service.list_facts(session, caller.actor, ElementKind.DEVICE, row.name)
    fields = [Fact.model_validate(one) for one in facts]
    return DeviceDetail(**Device.model_validate(row).model_dump(), fields=fields)


@router.get("/devices/{name}/interfaces", response_model=Page[Interface])  # type: ignore[valid-type]
def list_interfaces(caller: CallerDep, window: WindowDep, name: str) -> Any:  # noqa: ANN401 RUF100
    """Return the interfaces of a device with all that is declared of them."""
    with caller.read() as session:
        device = service.get_device(session, caller.actor, name)
        query = window.query({"device": device.name})
        found = service.list_elements(session, caller.actor, ElementKind.INTERFACE, query)
    return window.cut(Interface, map(showing.plain, found.items), found.total)


@router.get("/links")
def list_links(caller: CallerDep, window: WindowDep, circuit: Text = None) -> Page[Link]:
    """Return cables."""
    with caller.read() as session:
        query = window.query({"circuit": circuit})
        return page_of(Link, service.list_links(session, caller.actor, query))


@router.get("/circuits")
def list_circuits(caller: CallerDep, window: WindowDep, provider: Text = None) -> Page[Circuit]:
    """Return carriers' lines with whom to call."""
    with caller.read() as session:
        query = window.query({"provider": provider})
        return page_of(Circuit, service.list_circuits(session, caller.actor, query))


@router.get("/services")
def list_services(
    caller: CallerDep, window: WindowDep, unit: Text = None, search: Search = ""
) -> Page[Service]:
    """Return e-government systems with where they answer."""
    query = window.query({"unit": unit}, search)
    with caller.read() as session:
        found = service.list_services(session, caller.actor, query)
        doors = service.endpoints_of(session, caller.actor, found.items)
    page = page_of(Service, found)
    for one in page.items:
        one.endpoints = [ServiceEndpoint.model_validate(row) for row in doors.get(one.code, ())]
    return page


@router.get("/deviations")
def list_deviations(caller: CallerDep, window: WindowDep, kind: Text = None) -> Page[Deviation]:
    """Return where what was observed is not what is intended."""
    with caller.read() as session:
        query = window.query({"kind": kind})
        return page_of(Deviation, service.deviations(session, caller.actor, query))
