"""A question in one datagram, and the first answer that belongs to it."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitors.probes.aim import Aim

T = TypeVar("T")


async def exchange(aim: Aim, question: bytes, accept: Callable[[bytes], T | None]) -> T:
    """Return what `accept` makes of the first datagram from the aim that it does not refuse.

    The question is asked once more half-way to the timeout, since UDP may lose it. The socket is
    connected: datagrams of others are not heard.

    Raises:
        TimeoutError, OSError: nothing that belongs to the question came.
    """
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(
        lambda: _Listening(accept), remote_addr=(aim.address, aim.port)
    )
    with closing(transport):
        for _ in range(2):
            transport.sendto(question)
            done, _pending = await asyncio.wait([protocol.found], timeout=aim.timeout_seconds / 2)
            if done:
                return protocol.found.result()
    raise TimeoutError


class _Listening(asyncio.DatagramProtocol, Generic[T]):
    def __init__(self, accept: Callable[[bytes], T | None]) -> None:
        self.accept = accept
        self.found: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: object) -> None:
        if self.found.done():
            return
        try:
            found = self.accept(data)
        except Exception as error:  # noqa: BLE001 - it is raised where the question was asked
            self.found.set_exception(error)
            return
        if found is not None:
            self.found.set_result(found)

    def error_received(self, exc: Exception) -> None:
        if not self.found.done():
            self.found.set_exception(exc)
