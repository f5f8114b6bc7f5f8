"""Which devices a change is for: by name, site, unit, role or platform, as the inventory has them.

What is chosen by several fields must match all of them; names are added to what was chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, select

from hatang import scope
from hatang.auth import Permission
from hatang.errors import InvalidInputError, Problem
from inventory import service as inventory
from inventory.choices import DeviceRole
from inventory.models import Address, Device, Interface, Link, Site, Unit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.rows import DeviceRow


@dataclass(frozen=True, slots=True)
class Selection:
    """Devices by `names`, and those that match every other field that is given.

    A unit means all units below it too.
    """

    names: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()

    @property
    def is_filtered(self) -> bool:
        """Whether devices are chosen by anything but their name."""
        return bool(self.sites or self.units or self.roles or self.platforms)


NOTHING: Final = Selection()


def select_devices(
    session: AnySession,
    actor: Actor,
    selection: Selection,
    permission: Permission = Permission.CHANGE_REQUEST,
) -> list[DeviceRow]:
    """Return the devices, by name; those the actor has no `permission` for are as if absent.

    Raises:
        InvalidInputError: an unknown device, site, unit or role, or nothing at all is chosen.
    """
    acting = actor.acting(permission)
    problems = list(_unknown(session, selection))
    found: dict[str, DeviceRow] = {}
    known = inventory.find_devices(session, acting, selection.names)
    for name in dict.fromkeys(selection.names):
        if name in known:
            found[name] = known[name]
        else:
            fix = "Use the name of a device in the inventory."
            problems.append(Problem("change", "devices", name, "there is no such device", fix))
    if selection.is_filtered and not problems:
        found |= {row.name: row for row in _matching(session, acting, selection)}
    if not found and not problems:
        fix = "Choose by other fields; hatang device list shows what there is."
        problems.append(Problem("change", "devices", "", "the selection holds no device", fix))
    if problems:
        raise InvalidInputError(problems)
    return [found[name] for name in sorted(found)]


def _unknown(session: AnySession, selection: Selection) -> Iterator[Problem]:
    for name, column, given in (
        ("site", Site.slug, selection.sites),
        ("unit", Unit.code, selection.units),
    ):
        known = set(session.scalars(select(column).where(column.in_(given))))
        for each in given:
            if each not in known:
                fix = f"Use a {name} of the inventory."
                yield Problem("change", f"{name}s", each, f"there is no such {name}", fix)
    for role in selection.roles:
        if role not in {each.value for each in DeviceRole}:
            fix = f"Use one of: {', '.join(DeviceRole)}."
            yield Problem("change", "roles", role, "there is no such role", fix)


def _matching(session: AnySession, acting: Actor, selection: Selection) -> list[DeviceRow]:
    wanted = select(Device.name).join(Site, Site.id == Device.site_id)
    for condition in conditions(session, selection):
        wanted = wanted.where(condition)
    names = session.scalars(wanted).all()
    return list(inventory.find_devices(session, acting, names).values())


def conditions(session: AnySession, selection: Selection) -> Iterator[ColumnElement[bool]]:
    """Yield what a `Device` of a `Site` must match to be chosen by anything but its name."""
    if selection.sites:
        yield Site.slug.in_(selection.sites)
    if selection.roles:
        yield Device.role.in_(selection.roles)
    if selection.platforms:
        yield Device.platform.in_(selection.platforms)
    if selection.units:
        tops = session.scalars(select(Unit.scope_id).where(Unit.code.in_(selection.units)))
        below = {one for top in tops for one in (top, *scope.descendants(session, top))}
        yield Device.scope_id.in_(sorted(below))


def values_of(session: AnySession, devices: Collection[DeviceRow]) -> dict[str, dict[str, Any]]:
    """Return what a template knows of each device, by its name.

    `device` holds its fields, `interfaces` its ports by name with `description` and `addresses`,
    `links` what is cabled to which port.
    """
    known = {row.id: row for row in devices}
    values: dict[str, dict[str, Any]] = {
        row.name: {"device": _fields(row), "interfaces": {}, "links": []} for row in devices
    }
    ports: dict[int, tuple[str, str]] = {}
    for port in session.scalars(select(Interface).where(Interface.device_id.in_(known))):
        name = known[port.device_id].name
        ports[port.id] = name, port.name
        values[name]["interfaces"][port.name] = {"description": port.description, "addresses": []}
    held = select(Address.interface_id, Address.address).where(Address.interface_id.in_(ports))
    for port_id, address in session.execute(held.order_by(Address.id)):
        name, interface = ports[port_id or 0]
        values[name]["interfaces"][interface]["addresses"].append(address)
    _add_links(session, values, ports)
    return values


def _fields(row: DeviceRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "key": row.device_key,
        "site": row.site,
        "site_name": row.site_name,
        "unit": row.unit,
        "role": row.role,
        "platform": row.platform,
        "manufacturer": row.manufacturer,
        "model": row.model,
        "serial": row.serial,
        "primary_ip4": row.primary_ip4,
    }


def _add_links(
    session: AnySession, values: dict[str, dict[str, Any]], ports: dict[int, tuple[str, str]]
) -> None:
    ends = Link.a_interface_id.in_(ports) | Link.z_interface_id.in_(ports)
    links = session.execute(select(Link.a_interface_id, Link.z_interface_id).where(ends)).all()
    others = {end for link in links for end in link}
    told = {
        port_id: (device, port)
        for port_id, device, port in session.execute(
            select(Interface.id, Device.name, Interface.name)
            .join(Device, Device.id == Interface.device_id)
            .where(Interface.id.in_(others))
        )
    }
    for a_end, z_end in links:
        for own, peer in ((a_end, z_end), (z_end, a_end)):
            if own in ports:
                name, interface = ports[own]
                device, port = told[peer]
                values[name]["links"].append(
                    {"interface": interface, "peer": device, "peer_interface": port}
                )
