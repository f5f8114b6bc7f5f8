"""Which links a circuit carries, and at which ports they end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select

from inventory.models import Circuit, Device, Interface, Link, Provider

if TYPE_CHECKING:
    from hatang.db import AnySession


@dataclass(slots=True)
class Carried:
    """The elements of one circuit: `link:ID`, `interface:KEY:NAME`, and the devices there."""

    cid: str
    carrier: str
    links: set[str] = field(default_factory=set)
    ports: set[str] = field(default_factory=set)
    devices: set[str] = field(default_factory=set)

    @property
    def lines(self) -> set[str]:
        """The elements that stand for the circuit itself: its links, and `circuit:CID`."""
        return {*self.links, f"circuit:{self.cid}"}


def carried(session: AnySession) -> dict[str, Carried]:
    """Return every circuit that a link is drawn over; for processes, not filtered by scope."""
    rows = session.execute(
        select(Circuit.cid, Provider.name, Link.id, Device.device_key, Interface.name)
        .select_from(Link)
        .join(Circuit, Link.circuit_id == Circuit.id)
        .join(Provider, Circuit.provider_id == Provider.id)
        .join(Interface, Interface.id.in_((Link.a_interface_id, Link.z_interface_id)))
        .join(Device, Interface.device_id == Device.id)
    )
    found: dict[str, Carried] = {}
    for cid, carrier, link, key, port in rows:
        one = found.setdefault(cid, Carried(cid, carrier))
        one.links.add(f"link:{link}")
        one.ports.add(f"interface:{key}:{port}")
        one.devices.add(f"device:{key}")
    return found
