"""Endpoints: codecs and terminals in rooms, one driver a file, one line each in the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conference.endpoints.roomos import RoomOsDriver
from conference.endpoints.snmp import SnmpDriver
from conference.endpoints.videoos import VideoOsDriver
from hatang.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conference.endpoints.protocol import EndpointDriver

DRIVERS: Final[Mapping[str, EndpointDriver]] = {
    "roomos": RoomOsDriver(),
    "snmp": SnmpDriver(),
    "videoos": VideoOsDriver(),
}


def driver(name: str) -> EndpointDriver:
    """Return the driver called `name`; raises NotFoundError naming those there are."""
    if name not in DRIVERS:
        known = ", ".join(sorted(DRIVERS))
        raise NotFoundError(f"there is no endpoint driver {name}", fix=f"Use one of: {known}.")
    return DRIVERS[name]
