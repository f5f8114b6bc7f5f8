"""Bridges (MCUs): what each can tell, one driver a file, one line each in the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conference.bridges.cms import CmsDriver
from conference.bridges.generic_sip import GenericSipDriver
from conference.bridges.janus import JanusDriver
from conference.bridges.pexip import PexipDriver
from conference.bridges.poly import PolyDriver
from hatang.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conference.bridges.protocol import BridgeDriver

DRIVERS: Final[Mapping[str, BridgeDriver]] = {
    "cms": CmsDriver(),
    "generic_sip": GenericSipDriver(),
    "janus": JanusDriver(),
    "pexip": PexipDriver(),
    "poly": PolyDriver(),
}


def driver(name: str) -> BridgeDriver:
    """Return the driver called `name`; raises NotFoundError naming those there are."""
    if name not in DRIVERS:
        known = ", ".join(sorted(DRIVERS))
        raise NotFoundError(f"there is no bridge driver {name}", fix=f"Use one of: {known}.")
    return DRIVERS[name]
