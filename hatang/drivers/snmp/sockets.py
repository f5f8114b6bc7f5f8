"""The few UDP sockets all readers of a process share, read until they are empty."""

from __future__ import annotations

import socket
from functools import partial
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

Address = tuple[Any, ...]
"""What the socket module calls an address: host and port first."""

# From <asm-generic/socket.h>: SO_RCVBUFFORCE goes beyond net.core.rmem_max, for root alone.
_SO_RCVBUFFORCE: Final = 33
_BUFFER_OCTETS: Final = 16 * 1024 * 1024
# A reply of one Ethernet frame takes so much of the buffer by the kernel's own book-keeping.
_REPLY_OCTETS: Final = 4096
# So many datagrams are read before anything else in the loop has its turn.
_BATCH: Final = 128
_DATAGRAM: Final = 65_535


class Sockets:
    """Non-blocking sockets of both families, opened when first needed.

    `receive` gets each datagram with the address it came from.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, receive: Callable[[bytes, Address], None]
    ) -> None:
        self._loop = loop
        self._receive = receive
        self._open: dict[int, socket.socket] = {}
        self._room = memoryview(bytearray(_DATAGRAM))

    def send(self, family: int, datagram: bytes, address: Address) -> None:
        """Send `datagram`; one the kernel has no room for is lost, as on the wire.

        Raises:
            OSError: there is no way to `address`.
        """
        endpoint = self._open.get(family)
        if endpoint is None:
            endpoint = self._opened(family)
        try:
            endpoint.sendto(datagram, address)
        except (BlockingIOError, ConnectionRefusedError):
            return

    def window(self, family: int) -> int:
        """Return how many replies fit into the receive buffer, 32 or more."""
        endpoint = self._open.get(family) or self._opened(family)
        octets = endpoint.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        return max(32, octets // _REPLY_OCTETS)

    def close(self) -> None:
        """Close what is open."""
        for endpoint in self._open.values():
            if not self._loop.is_closed():
                self._loop.remove_reader(endpoint.fileno())
            endpoint.close()
        self._open.clear()

    def _opened(self, family: int) -> socket.socket:
        endpoint = socket.socket(family, socket.SOCK_DGRAM)
        try:
            endpoint.settimeout(0)
            _enlarge(endpoint)
            endpoint.bind(("", 0))
        except OSError:
            endpoint.close()
            raise
        self._loop.add_reader(endpoint.fileno(), partial(self._drain, endpoint))
        self._open[family] = endpoint
        return endpoint

    def _drain(self, endpoint: socket.socket) -> None:
        receive, room = self._receive, self._room
        read = endpoint.recvfrom_into
        try:
            for _ in range(_BATCH):
                size, address = read(room)
                # A copy that is no larger than the datagram: some are kept, and each read into
                # room of its own would leave a hole of 64 kB beside it.
                receive(bytes(room[:size]), address)
        except (BlockingIOError, ConnectionRefusedError):
            return


def _enlarge(endpoint: socket.socket) -> None:
    try:
        endpoint.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER_OCTETS)
    except PermissionError:
        endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_OCTETS)
