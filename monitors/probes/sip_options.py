"""Does a SIP element answer OPTIONS (RFC 3261, 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hatang.errors import DriverError, Reason
from monitors.probes.result import Answer, Probe

if TYPE_CHECKING:
    from monitors.probes.aim import Aim
    from monitors.probes.result import Means, Options


async def ask(aim: Aim, means: Means, options: Options) -> Answer:
    """Answer when a final response below 500 comes: 404 and 486 come from a living element."""
    found = await means.sip.options(pinned(aim), timeout_seconds=aim.timeout_seconds)
    if found.code >= 500:
        raise DriverError(f"{aim.url}: {found.code}", Reason.REJECTED)
    return Answer(detail=f"code {found.code}")


def pinned(aim: Aim) -> str:
    """Return the SIP address at the one address its name had, so that no second answer counts."""
    user = aim.url.split("@", 1)[0] + "@" if "@" in aim.url else f"{aim.scheme}:"
    host = f"[{aim.address}]" if ":" in aim.address else aim.address
    return f"{user}{host}:{aim.port}"


PROBE: Final = Probe(ask, ("sip", "sips"))
