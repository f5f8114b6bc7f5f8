"""Does a mail server greet (RFC 5321, 4.2: a greeting begins with 220)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hatang.errors import DriverError, Reason
from monitors.probes.result import Answer, Probe
from monitors.probes.tcp import connected

if TYPE_CHECKING:
    from monitors.probes.aim import Aim
    from monitors.probes.result import Means, Options


async def ask(aim: Aim, means: Means, options: Options) -> Answer:
    """Answer when the server greets; leave politely, so that it logs no broken connection."""
    async with connected(aim) as (reader, writer):
        greeting = await reader.readline()
        writer.write(b"QUIT\r\n")
        await writer.drain()
    code = greeting[:3]
    if code == b"220":
        return Answer(detail="greeting 220")
    is_refusal = code.isdigit() and code[:1] in b"45"
    reason = Reason.REJECTED if is_refusal else Reason.PROTOCOL_ERROR
    raise DriverError(f"{aim.url}: no greeting", reason)


PROBE: Final = Probe(ask, ("smtp",))
