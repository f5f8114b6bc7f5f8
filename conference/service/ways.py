"""What a meeting's calls run over between its sites and its bridge: devices, cables, circuits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from hatang.errors import NotFoundError
from inventory.models import Bridge, Device
from inventory.service import load_topology

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hatang.db import AnySession
    from inventory.network import Element
    from inventory.topology import Topology


def between(session: AnySession, sites: Iterable[str], bridge_id: int) -> list[str]:
    """Return `device:KEY`, `link:KEY`, `circuit:CID` on the ways from `sites` to the bridge.

    That is the shortest way of each site's devices, and whatever alone can cut one off. What no
    drawn path leads to adds nothing: about its way nothing is known.
    """
    topology = load_topology(session)
    goal = session.scalar(
        select(Device.device_key)
        .join(Bridge, Bridge.device_id == Device.id)
        .where(Bridge.id == bridge_id)
    )
    found: dict[Element, None] = {}
    for site in sites:
        for device in topology.devices_at(site):
            found |= dict.fromkeys(_way(topology, device, goal))
    return sorted(f"{element.kind}:{element.key}" for element in found)


def _way(topology: Topology, device: str, goal: str | None) -> tuple[Element, ...]:
    try:
        way = topology.path(device, goal)
        return (*way, *topology.upstream(device)) if way else ()
    except NotFoundError:  # the bridge, or the device, is not in operation
        return ()
