"""One e-government system: who answers for it, what it stands on, who goes down with it."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.callers import Caller, CallerDep
from api.rest.status import unmeasured_service
from api.web.rendering import page
from hatang.auth import Actor
from hatang.db import AnySession
from hatang.errors import NotFoundError
from inventory import service as inventory
from inventory.choices import ElementKind as Kind
from inventory.impact import Impact
from inventory.network import Element
from inventory.rows import EVERYTHING, ElementRow, Query, ServiceRow
from inventory.service import Route
from monitors import graphs
from monitors import service as monitors
from monitors.choices import ElementKind

router = APIRouter()
SHOWN_SITES = 10


@router.get("/services/{code:path}")
def service_page(request: Request, caller: CallerDep, code: str) -> HTMLResponse:
    """Show one system with its layers, from the devices below to the services above."""
    with caller.read() as session:
        element = inventory.get_element(session, caller.actor, Kind.SERVICE, code)
        services = inventory.list_services(session, caller.actor, EVERYTHING).items
        named = {row.code: row for row in services}
        known = monitors.list_status(session, caller.actor, kind=ElementKind.SERVICE)
        states = {status.element.owner: status for status in known}
        fields = element.fields
        values: dict[str, Any] = {
            "code": element.key,
            "fields": fields,
            "graphs": graphs.SERVICE,
            "unit": _name(session, caller.actor, Kind.UNIT, fields["unit"]),
            "contact": _found(session, caller.actor, Kind.CONTACT, fields.get("contact")),
            "endpoints": _endpoints(session, caller.actor, code),
            "status": states.get(code) or unmeasured_service(code),
            "states": states,
            "named": named,
            "needed": _needed(named, code),
            "needing": [row for row in services if code in row.depends_on],
            **_standing(session, caller, fields.get("runs_on", ())),
            **_affected(session, caller, named, code),
        }
        return page(request, "service.html", **values)


def _endpoints(session: AnySession, actor: Actor, code: str) -> tuple[ElementRow, ...]:
    query = Query({"service": code}, limit=None)
    return inventory.list_elements(session, actor, Kind.SERVICE_ENDPOINT, query).items


def _standing(session: AnySession, caller: Caller, names: list[str]) -> dict[str, Any]:
    """Return the devices a system runs on, and the ways that lead to their sites."""
    devices = inventory.list_devices(session, caller.actor, EVERYTHING).items
    mine = [device for device in devices if device.name in set(names)]
    statuses = monitors.list_status(session, caller.actor, kind=ElementKind.DEVICE)
    sites = list(dict.fromkeys((device.site, device.site_name) for device in mine))
    return {
        "devices": mine,
        "unseen": max(0, len(names) - len(mine)),
        "device_states": {status.element.owner: status for status in statuses},
        "ways": [(name, slug, _way(session, caller, slug)) for slug, name in sites[:SHOWN_SITES]],
        "more_sites": max(0, len(sites) - SHOWN_SITES),
    }


def _way(session: AnySession, caller: Caller, slug: str) -> Route | None:
    topology = caller.context.topology(session)
    return inventory.site_route(session, caller.actor, topology, slug)


def _needed(named: dict[str, ServiceRow], code: str) -> list[tuple[str, bool]]:
    """Return all a system needs, in the end too, and whether it says so itself; nearest first."""
    found: dict[str, bool] = {}
    waiting = [(one, True) for one in named[code].depends_on] if code in named else []
    while waiting:
        one, is_direct = waiting.pop(0)
        if one in found or one == code:
            continue
        found[one] = is_direct
        if one in named:
            waiting += [(further, False) for further in named[one].depends_on]
    return list(found.items())


def _affected(
    session: AnySession, caller: Caller, named: dict[str, ServiceRow], code: str
) -> dict[str, Any]:
    """Return who stops with the system and who only loses a part, as far as the asker sees."""
    try:
        impact = caller.context.topology(session).affected(Element(Kind.SERVICE, code))
    except NotFoundError:
        impact = Impact()
    units = {row.code: row.name for row in inventory.list_units(session, caller.actor, EVERYTHING)
             .items}  # fmt: skip
    return {
        "stopped": [named[one] for one in sorted(impact.services - {code}) if one in named],
        "weakened": [named[one] for one in sorted(impact.degraded - {code}) if one in named],
        "units": units,
    }


def _found(session: AnySession, actor: Actor, kind: Kind, key: str | None) -> ElementRow | None:
    if not key:
        return None
    try:
        return inventory.get_element(session, actor, kind, key)
    except NotFoundError:  # It may lie outside the asker's scope.
        return None


def _name(session: AnySession, actor: Actor, kind: Kind, key: str) -> str:
    row = _found(session, actor, kind, key)
    return key if row is None else str(row.fields.get("name") or key)
