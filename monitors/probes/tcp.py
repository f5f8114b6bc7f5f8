"""Does a TCP port accept a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitors.probes.result import Answer, Probe
from monitors.probes.stream import connected

if TYPE_CHECKING:
    from monitors.probes.aim import Aim
    from monitors.probes.result import Means, Options


async def ask(aim: Aim, means: Means, options: Options) -> Answer:
    """Answer when the connection is accepted."""
    async with connected(aim):
        return Answer()


PROBE: Final = Probe(ask, ("tcp",))
