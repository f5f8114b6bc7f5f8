"""A smallest inventory: core – hub with one cable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatang import scope
from inventory.models import Device, Interface, Link, Site, Unit

if TYPE_CHECKING:
    from hatang.db import WriteSession


def draw(session: WriteSession, scope_id: int | None = None) -> int:
    """Draw core – hub with one cable and return the link's id."""
    at = scope.add(session) if scope_id is None else scope_id
    session.add(Unit(id=1, scope_id=at, code="tinh", name="Tỉnh", kind="province"))
    session.flush()
    for number, name in ((1, "core"), (2, "hub")):
        session.add(
            Site(id=number, scope_id=at, slug=name, name=name, unit_id=1, kind="hub", people=5)
        )
        session.flush()
        session.add(
            Device(
                id=number,
                scope_id=at,
                device_key=f"key-{name}",
                name=name,
                site_id=number,
                role=name,
                platform="frr",
            )
        )
        session.flush()
        session.add(Interface(id=number, scope_id=at, device_id=number, name="eth1"))
    session.flush()
    link = Link(scope_id=at, a_interface_id=1, z_interface_id=2)
    session.add(link)
    session.flush()
    return link.id
