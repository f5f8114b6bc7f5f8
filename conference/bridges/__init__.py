"""Bridges (MCUs): what each can tell, one driver a file, one line each in the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conference.bridges.janus import JanusDriver
from hatang.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conference.bridges.protocol import BridgeDriver

DRIVERS: Final[Mapping[str, BridgeDriver]] = {"janus": JanusDriver()}


def driver(name: str) -> BridgeDriver:
    """Return the driver called `name`; raises NotFoundError naming those there are."""
    if name not in DRIVERS:
        known = ", ".join(sorted(DRIVERS))
        raise NotFoundError(f"there is no bridge driver {name}", fix=f"Use one of: {known}.")
    return DRIVERS[name]
