"""Does the address answer an echo request (RFC 792, RFC 4443)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatang.errors import DriverError, Reason
from monitors.probes.result import Answer

if TYPE_CHECKING:
    from monitors.probes.aim import Aim
    from monitors.probes.result import Means


async def probe(aim: Aim, means: Means) -> Answer:
    """Answer when one echo request is answered."""
    found = await means.pinger.ping([aim.address], count=1, timeout_seconds=aim.timeout_seconds)
    if found[aim.address].received == 0:
        raise DriverError(f"{aim.host}: no echo", Reason.TIMEOUT)
    return Answer()
