"""Does a TCP port accept a connection."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from monitors.probes.result import Answer, Probe

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

    from monitors.probes.aim import Aim
    from monitors.probes.result import Means, Options

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def ask(aim: Aim, means: Means, options: Options) -> Answer:
    """Answer when the connection is accepted."""
    async with connected(aim):
        return Answer()


@asynccontextmanager
async def connected(aim: Aim, context: ssl.SSLContext | None = None) -> AsyncIterator[Stream]:
    """Connect to the aim's address, speaking its name in TLS when `context` is given."""
    async with asyncio.timeout(aim.timeout_seconds):
        name = aim.host if context is not None else None
        stream = await asyncio.open_connection(
            aim.address, aim.port, ssl=context, server_hostname=name
        )
        try:
            yield stream
        finally:
            stream[1].close()
            with suppress(OSError):
                await stream[1].wait_closed()


PROBE: Final = Probe(ask, ("tcp",))
