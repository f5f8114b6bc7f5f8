"""A wire to a device that can be cut so that neither end hears of it: no RST, no FIN, nothing."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = 65536


class Relay:
    """Carries connections to a port of loopback; cut ones stay open for ever and carry nothing."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._to = address
        self._server = socket.create_server((address[0], 0))
        self.port: int = self._server.getsockname()[1]
        self._open: list[socket.socket] = []
        self._generation = 0
        self._is_cut = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Lose every connection, and whatever is opened from now on, without a word."""
        self._generation += 1
        self._is_cut = True

    def mend(self) -> None:
        """Carry what is opened from now on; what was lost stays lost."""
        self._generation += 1
        self._is_cut = False

    def close(self) -> None:
        """Close all that is open."""
        for each in (self._server, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            self._open.append(client)
            if self._is_cut:
                continue
            device = socket.create_connection(self._to)
            self._open.append(device)
            for pair in ((client, device), (device, client)):
                words = (*pair, self._generation)
                threading.Thread(target=self._carry, args=words, daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, generation: int) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                if generation != self._generation:
                    return
                sink.sendall(data)
            if generation == self._generation:
                sink.shutdown(socket.SHUT_WR)


@contextmanager
def relayed(address: tuple[str, int]) -> Iterator[Relay]:
    """Yield a relay to `address`."""
    relay = Relay(address)
    try:
        yield relay
    finally:
        relay.close()
