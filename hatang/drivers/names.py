"""Names looked up beside an event loop, each for so long and no longer.

The system's resolver blocks, and cannot be stopped: a name whose servers are silent holds its
thread for up to half a minute. So these threads are nobody's that anybody waits for at the end:
neither the loop nor the process does, as both do with an executor's.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from hatang.errors import DriverError, Reason

if TYPE_CHECKING:
    from collections.abc import Callable

AT_ONCE: Final = 64
"""So many names wait for the resolver at a time; the rest wait for their turn, and may run out."""
_turns: Final = threading.BoundedSemaphore(AT_ONCE)


async def look_up(
    host: str,
    port: int,
    *,
    timeout_seconds: float,
    family: int = socket.AF_UNSPEC,
    kind: int = socket.SOCK_STREAM,
) -> list[str]:
    """Return the addresses of `host` in the resolver's order; what is an address is its own.

    Raises:
        DriverError: TIMEOUT when no answer came in time, UNREACHABLE without an address.
    """
    bare = host.strip("[]")
    with suppress(ValueError):
        ip = ipaddress.ip_address(bare)
        if family in (socket.AF_UNSPEC, socket.AF_INET if ip.version == 4 else socket.AF_INET6):
            return [str(ip)]
    try:
        async with asyncio.timeout(timeout_seconds):
            return await _asked(lambda: _addresses(bare, port, family, kind))
    except TimeoutError as error:
        raise DriverError(f"{host}: the name is not answered", Reason.TIMEOUT) from error
    except (OSError, UnicodeError) as error:
        raise DriverError(f"{host}: no such name", Reason.UNREACHABLE) from error


def _addresses(host: str, port: int, family: int, kind: int) -> list[str]:
    found = socket.getaddrinfo(host, port, family=family, type=kind)
    return list(dict.fromkeys(str(answer[4][0]).partition("%")[0] for answer in found))


async def _asked(ask: Callable[[], list[str]]) -> list[str]:
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[list[str]] = loop.create_future()

    def settle(found: list[str], error: Exception | None) -> None:
        if answered.done():
            return
        if error is None:
            answered.set_result(found)
        else:
            answered.set_exception(error)

    def work() -> None:
        found, failure = list[str](), None
        with _turns:
            if answered.done():  # nobody waits any more
                return
            try:
                found = ask()
            except (OSError, UnicodeError) as error:
                failure = error
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, found, failure)

    threading.Thread(target=work, name="look-up", daemon=True).start()
    return await answered
