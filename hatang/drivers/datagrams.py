"""Takes datagrams as fast as they come, keeps a bounded number, and counts those that were lost.

What is lost may be lost in three places: in the kernel's buffer (told by SO_RXQ_OVFL), at the
door (`admit` says no), and in our queue when whoever empties it is slower.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from hatang.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RECEIVE_BUFFER_BYTES: Final = 8 * 1024 * 1024
LARGEST: Final = 65_535
_SO_RXQ_OVFL: Final = 40  # linux/socket.h: how many the kernel dropped, with each datagram
_AT_ONCE: Final = 256  # taken before others get their turn
_COUNT: Final = struct.Struct("I")

Address: TypeAlias = "tuple[str, int]"


@dataclass(slots=True)
class Intake:
    """Reads `sock` into a queue of at most `limit`.

    `admit(address, datagram)` is called for each and says whether it is kept; `lost(number)` is
    told how many the kernel dropped, `overrun()` that the queue was full.
    """

    sock: socket.socket
    admit: Callable[[Address, bytes], bool]
    lost: Callable[[int], object]
    overrun: Callable[[], object]
    limit: int = 10_000
    _queue: deque[tuple[Address, bytes]] = field(default_factory=deque)
    _some: asyncio.Event = field(default_factory=asyncio.Event)
    _told: int = 0

    def start(self) -> None:
        """Begin to read in the running event loop."""
        with suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)
        asyncio.get_running_loop().add_reader(self.sock.fileno(), self._drain)

    def close(self) -> None:
        """Stop reading and close the socket."""
        asyncio.get_running_loop().remove_reader(self.sock.fileno())
        self.sock.close()

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._queue)

    async def take(self) -> tuple[Address, bytes]:
        """Return the oldest that waits, as (address, datagram)."""
        while not self._queue:
            self._some.clear()
            await self._some.wait()
        return self._queue.popleft()

    def _drain(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                data, notes, _, address = self.sock.recvmsg(LARGEST, 64)
            except OSError:
                break
            for level, kind, value in notes:
                if level == socket.SOL_SOCKET and kind == _SO_RXQ_OVFL:
                    self._note_lost(value)
            self._take_in(_plain(address), data)
        if self._queue:
            self._some.set()

    def _note_lost(self, value: bytes) -> None:
        (total,) = _COUNT.unpack(value[: _COUNT.size])
        if total != self._told:
            self.lost((total - self._told) % 2**32)
            self._told = total

    def _take_in(self, address: Address, data: bytes) -> None:
        if not self.admit(address, data):
            return
        if len(self._queue) >= self.limit:
            self.overrun()
            return
        self._queue.append((address, data))


def udp_socket(host: str, port: int, setting: str) -> socket.socket:
    """Return a bound, non-blocking UDP socket; `setting` names what to change.

    Raises:
        SettingsError: the address cannot be bound.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        sock.settimeout(0)
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise SettingsError(
            f"{setting}: cannot listen for SNMP notifications on {host}:{port}: {error.strerror}",
            fix="Choose a free port, or grant CAP_NET_BIND_SERVICE for port 162.",
        ) from error
    return sock


def unix_socket(path: Path) -> socket.socket:
    """Return a non-blocking datagram socket at `path`, for its owner alone; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        sock.settimeout(0)
        sock.bind(str(path))
        path.chmod(0o600)
    except OSError:
        sock.close()
        raise
    return sock


def _plain(address: object) -> Address:
    """Return host and port; IPv4 that came through an IPv6 socket is IPv4."""
    if isinstance(address, tuple) and len(address) >= 2:
        host = str(address[0])
        return host.removeprefix("::ffff:") if "." in host else host, int(address[1])
    return "", 0
