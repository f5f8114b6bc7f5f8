"""Devices and services: lists with states, and a device with all that is known of it."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from api.callers import Caller, CallerDep
from api.rest.paging import WindowDep
from api.rest.status import unmeasured_service
from api.web import decisions, terms
from api.web.rendering import page
from baselines import service as baselines
from hatang.auth import Permission
from hatang.db import AnySession
from hatang.errors import NotFoundError
from inventory import service as inventory
from inventory.choices import DeviceRole
from inventory.choices import ElementKind as Kind
from inventory.rows import EVERYTHING, DeviceRow, ElementRow
from inventory.rows import Query as Rows
from monitors import graphs
from monitors import service as monitors
from monitors.choices import ElementKind
from playbooks import vault
from playbooks.vault import VersionRow

router = APIRouter()
VERSIONS = 20
Text = Annotated[str, Query(max_length=200)]


def filters_of(search: Text = "", role: Text = "", site: Text = "") -> dict[str, str]:
    """Return what devices are asked by; the address can be sent to a colleague."""
    return {"search": search.strip(), "role": role, "site": site.strip()}


@router.get("/devices")
def list_page(
    request: Request,
    caller: CallerDep,
    window: WindowDep,
    filters: Annotated[dict[str, str], Depends(filters_of)],
) -> HTMLResponse:
    """Show devices with their states."""
    given = {name: filters[name] or None for name in ("role", "site")}
    query = window.query(given, filters["search"])
    with caller.read() as session:
        found = inventory.list_devices(session, caller.actor, query)
        known = monitors.list_status(session, caller.actor, kind=ElementKind.DEVICE)
    values: dict[str, Any] = {
        "found": found,
        "known": {status.element.owner: status for status in known},
        "window": window,
        "filters": filters,
        "query": urlencode(filters),
        "roles": list(DeviceRole),
    }
    return page(request, "devices.html", **values)


@router.get("/devices/{name}")
def device_page(request: Request, caller: CallerDep, name: str) -> HTMLResponse:
    """Show one device: facts, states, configuration versions, findings."""
    with caller.read() as session:
        device = inventory.get_device(session, caller.actor, name)
        status = monitors.device_status(session, caller.actor, device.device_key)
        mine = Rows({"device": device.name}, limit=None)
        values: dict[str, Any] = {
            "device": device,
            "status": status,
            "parts": {part.element.name: part for part in status.parts},
            "facts": _facts(session, caller, device.name),
            "interfaces": inventory.list_interfaces(session, caller.actor, mine).items,
            "links": _links(session, caller, device.name),
            **_built_in(session, caller, device),
            "versions": _versions(session, caller, device.name),
            "findings": baselines.get_findings(session, caller.actor, device.name),
            "graphs": graphs.DEVICE,
        }
        return page(request, "device.html", **values)


def _built_in(session: AnySession, caller: Caller, device: DeviceRow) -> dict[str, Any]:
    """Return where a device is built in, what it runs, and what is plugged into it."""
    actor = caller.actor
    fields = inventory.get_element(session, actor, Kind.DEVICE, device.name).fields
    modules = Rows({"device": device.name}, limit=None)
    installed = inventory.list_holding(session, actor, Kind.SOFTWARE, "devices", device.id)
    return {
        "fields": fields,
        "modules": inventory.list_elements(session, actor, Kind.MODULE, modules).items,
        "installed": [row for row in installed if row.key != fields["software"]],
        "intended": _element(session, caller, Kind.SOFTWARE, fields["software"]),
        "zone": _element(session, caller, Kind.ZONE, fields["zone"]),
    }


def _element(session: AnySession, caller: Caller, kind: Kind, key: str | None) -> ElementRow | None:
    try:
        return inventory.get_element(session, caller.actor, kind, key) if key else None
    except NotFoundError:  # It may lie outside the asker's scope.
        return None


def _facts(session: AnySession, caller: Caller, name: str) -> list[dict[str, Any]]:
    """Return each field in words: what is intended, what was observed, by whom and when."""
    device = Kind.DEVICE
    return [
        {
            "name": terms.field(device, row.field),
            "intended": terms.value(device, row.field, row.intended),
            "observed": terms.value(device, row.field, row.observed),
            "source": row.source,
            "at": row.observed_at,
            "badge": decisions.verdict(row.verdict),
        }
        for row in inventory.list_facts(session, caller.actor, device, name)
    ]


def _links(session: AnySession, caller: Caller, name: str) -> dict[str, str]:
    rows = [
        *inventory.list_links(session, caller.actor, Rows({"a_device": name}, limit=None)).items,
        *inventory.list_links(session, caller.actor, Rows({"z_device": name}, limit=None)).items,
    ]
    found = {}
    for row in rows:
        mine, other = row.a_interface, f"{row.z_device}:{row.z_interface}"
        if row.a_device != name:
            mine, other = row.z_interface, f"{row.a_device}:{row.a_interface}"
        found[mine] = other
    return found


def _versions(session: AnySession, caller: Caller, device: str) -> list[VersionRow]:
    if not caller.actor.may(Permission.VAULT_READ):
        return []
    query = Rows({"device": device}, limit=VERSIONS)
    return list(vault.list_versions(session, caller.actor, query).items)


@router.get("/services")
def services_page(request: Request, caller: CallerDep, window: WindowDep) -> HTMLResponse:
    """Show e-government systems with their states."""
    with caller.read() as session:
        found = inventory.list_services(session, caller.actor, window.query({}))
        known = monitors.list_status(session, caller.actor, kind=ElementKind.SERVICE)
        units = inventory.list_units(session, caller.actor, EVERYTHING).items
    by_code = {status.element.owner: status for status in known}
    values: dict[str, Any] = {
        "found": found,
        "window": window,
        "units": {unit.code: unit.name for unit in units},
        "known": {
            row.code: by_code.get(row.code) or unmeasured_service(row.code) for row in found.items
        },
    }
    return page(request, "services.html", **values)
