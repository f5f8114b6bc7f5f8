"""Reads the network's shape from the inventory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import aliased

from alerts.graph import ElementInfo, Line
from alerts.power import POWER
from alerts.topology import InventoryView
from inventory.choices import DeviceRole
from inventory.models import Circuit, Device, Interface, Link, Provider, Room, Service, Site
from inventory.service import load_topology

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.db import AnySession


def load_view(session: AnySession) -> InventoryView:
    """Return the whole province as correlation sees it; for processes, not filtered by scope."""
    names = {info.element: info for info in _names(session)}
    ends: dict[str, str] = {}
    names |= dict(_links(session, ends))
    lines = dict(_lines(session))
    supplies = dict(_supplies(session))
    topology, peers = load_topology(session), _peers(session)
    return InventoryView(topology, names, ends, peers, lines=lines, supplies=supplies)


def load_ends(session: AnySession) -> dict[str, str]:
    """Return which link each interface is an end of."""
    ends: dict[str, str] = {}
    for _link in _links(session, ends):
        pass
    return ends


def _lines(session: AnySession) -> Iterator[tuple[str, Line]]:
    """Yield every link that a circuit carries, with it and its carrier."""
    rows = select(Link.id, Circuit.cid, Provider.name).join(Circuit, Link.circuit_id == Circuit.id)
    for link, cid, carrier in session.execute(
        rows.join(Provider, Circuit.provider_id == Provider.id)
    ):
        yield f"link:{link}", Line(f"provider:{carrier}", f"circuit:{cid}")


def _supplies(session: AnySession) -> Iterator[tuple[str, str]]:
    """Yield every site with a UPS whose power company is known."""
    rows = select(Site.slug, Site.power_company).join(Device, Device.site_id == Site.id).distinct()
    known = rows.where(Device.role == DeviceRole.UPS, Site.power_company != "")
    for slug, company in session.execute(known):
        yield slug, f"{POWER}{company}"


def _peers(session: AnySession) -> dict[str, str]:
    """Return the device behind each address of a device itself."""
    rows = select(Device.primary_ip4, Device.device_key).where(Device.primary_ip4.is_not(None))
    return {str(address): f"device:{key}" for address, key in session.execute(rows)}


def _names(session: AnySession) -> Iterator[ElementInfo]:
    devices = select(Device.device_key, Device.name, Site.slug, Device.scope_id)
    for key, name, site, scope in session.execute(devices.join(Site, Device.site_id == Site.id)):
        yield ElementInfo(f"device:{key}", "device", name, site, scope)
    sites = select(Site.slug, Site.name, Site.scope_id, Site.people)
    for slug, name, scope, people in session.execute(sites):
        yield ElementInfo(f"site:{slug}", "site", name, slug, scope, people or 0)
    for code, name, scope in session.execute(select(Service.code, Service.name, Service.scope_id)):
        yield ElementInfo(f"service:{code}", "service", name, "", scope)
    for provider in session.scalars(select(Provider.name)):
        yield ElementInfo(f"provider:{provider}", "provider", provider)
    for company in session.scalars(select(Site.power_company).distinct()):
        yield ElementInfo(f"{POWER}{company}", POWER.rstrip(":"), company)
    circuits = select(Circuit.cid, Site.slug, Circuit.scope_id)
    for cid, site, scope in session.execute(circuits.join(Site, Circuit.z_site_id == Site.id)):
        yield ElementInfo(f"circuit:{cid}", "circuit", cid, site, scope)
    rooms = select(Room.code, Room.name, Site.slug, Room.scope_id)
    for code, name, site, scope in session.execute(rooms.join(Site, Room.site_id == Site.id)):
        yield ElementInfo(f"room:{code}", "room", name, site, scope)


def _links(session: AnySession, ends: dict[str, str]) -> Iterator[tuple[str, ElementInfo]]:
    """Yield every link with its name, and note in `ends` which interfaces it joins."""
    a_port, z_port = aliased(Interface), aliased(Interface)
    a_end, z_end = aliased(Device), aliased(Device)
    rows = session.execute(
        select(
            Link.id,
            Link.scope_id,
            a_end.device_key,
            a_end.name,
            a_port.name,
            z_end.device_key,
            z_end.name,
            z_port.name,
            Site.slug,
            Circuit.cid,
        )
        .join(a_port, Link.a_interface_id == a_port.id)
        .join(a_end, a_port.device_id == a_end.id)
        .join(z_port, Link.z_interface_id == z_port.id)
        .join(z_end, z_port.device_id == z_end.id)
        .join(Site, z_end.site_id == Site.id)
        .outerjoin(Circuit, Link.circuit_id == Circuit.id)
    )
    for number, scope, a_key, a_name, a_part, z_key, z_name, z_part, site, circuit in rows:
        link = f"link:{number}"
        ends[f"interface:{a_key}:{a_part}"] = link
        ends[f"interface:{z_key}:{z_part}"] = link
        name = f"{a_name} {a_part} – {z_name} {z_part}"
        if circuit:
            name = f"{circuit} ({name})"  # The carrier's desk asks for it first.
        yield link, ElementInfo(link, "link", name, site, scope)
