"""Single changes that an import cannot express: a new name, a cable taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select

from hatang import audit, events, scope
from hatang.errors import ConflictError, InvalidInputError, NotFoundError, Problem
from inventory import removing
from inventory.choices import ElementKind
from inventory.kinds.form import Hostname
from inventory.models import Address, Device, Interface, Link
from inventory.service.importing import CHANGED, WRITE
from inventory.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.auth import Actor
    from hatang.db import WriteSession

_HOSTNAME: Final = TypeAdapter[str](Hostname)


def rename_device(session: WriteSession, actor: Actor, name: str, new_name: str) -> None:
    """Give a device another name; its `device_key`, and so its history, stays.

    Raises:
        NotFoundError: no such device within the actor's scope.
        InvalidInputError: `new_name` is no device name.
        ConflictError: another device has it.
    """
    visible = scope.visible(actor.acting(WRITE), Device.scope_id)
    device = session.scalar(select(Device).where(Device.name == name, visible))
    if device is None:
        raise NotFoundError(f"the inventory has no such element: {name}")
    _check_name(new_name)
    if session.scalar(select(Device.id).where(Device.name == new_name)) is not None:
        raise ConflictError(f"another device is called {new_name}", fix="Choose another name.")
    device.name = new_name
    device.search_text = fold(new_name, device.primary_ip4, device.serial)
    session.flush()
    detail = {"from": name, "to": new_name}
    audit.record(session, actor, "inventory.rename", f"device/{device.device_key}", detail)
    events.publish(session, CHANGED, device.device_key, {**detail, "devices": [new_name]})


def delete_link(session: WriteSession, actor: Actor, link_id: int) -> None:
    """Take a cable out of the inventory; its interfaces stay.

    Raises:
        NotFoundError: no such link within the actor's scope.
    """
    visible = scope.visible(actor.acting(WRITE), Link.scope_id)
    link = session.scalar(select(Link).where(Link.id == link_id, visible))
    if link is None:
        raise NotFoundError(f"the inventory has no such element: link {link_id}")
    session.delete(link)
    session.flush()
    audit.record(session, actor, "inventory.delete", f"link/{link_id}")
    events.publish(session, CHANGED, f"link/{link_id}", {"deleted": link_id, "devices": None})


def delete_addresses(session: WriteSession, actor: Actor, ids: Sequence[int]) -> None:
    """Take addresses out of the inventory, as when their devices have them no longer."""
    _delete(session, actor, ElementKind.ADDRESS, ids)


def delete_ports(session: WriteSession, actor: Actor, ids: Sequence[int]) -> None:
    """Take ports out of the inventory, as when their devices have them no longer.

    Raises:
        ConflictError: a cable ends at one, an address is on it, or another port builds on it.
    """
    _require_bare(session, ids)
    _delete(session, actor, ElementKind.INTERFACE, ids)


def _delete(session: WriteSession, actor: Actor, kind: ElementKind, ids: Sequence[int]) -> None:
    if not ids:
        return
    removing.take_out(session, kind, ids)
    for one in ids:
        audit.record(session, actor, "inventory.delete", f"{kind}/{one}")
    events.publish(session, CHANGED, f"{kind}", {"deleted": list(ids), "devices": None})


def _require_bare(session: WriteSession, ids: Sequence[int]) -> None:
    needs = (
        (Link.a_interface_id, "a cable ends there"),
        (Link.z_interface_id, "a cable ends there"),
        (Address.interface_id, "an address is on it"),
        (Interface.lag_id, "another port is a member of it"),
        (Interface.parent_id, "another port is below it"),
    )
    for column, why in needs:
        statement = select(column).where(column.in_(ids))
        if column.class_ is Interface:
            statement = statement.where(Interface.id.not_in(ids))
        port = session.get(Interface, session.scalar(statement.limit(1)) or 0)
        if port is not None:
            fix = "Accept that this is gone as well, or take it away first."
            raise ConflictError(f"port {port.name} is needed: {why}", fix=fix)


def _check_name(name: str) -> None:
    try:
        _HOSTNAME.validate_python(name)
    except ValidationError as error:
        fix = "Use letters, digits, dot, hyphen, underscore; at most 64."
        problem = Problem("request", "name", name[:80], "is no device name", fix)
        raise InvalidInputError([problem]) from error
