"""A command line that looks like a Cisco switch's, simulated: who it is, how it is set."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import paramiko
from paramiko import common

if TYPE_CHECKING:
    from collections.abc import Iterator

USER, PASSWORD = "ops", "mot-mat-khau-cua-switch"
VERSION = """\
Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E7, RELEASE (fc1)
{name} uptime is 3 days, 4 hours, 5 minutes
cisco WS-C2960X-24TS-L (APM86XXX) processor (revision A0) with 524288K bytes of memory.
Processor board ID {serial}
Configuration register is 0xF
"""


@dataclass
class Switch(paramiko.ServerInterface):
    """One simulated switch, what it says of itself, and every line that was ever typed at it."""

    name: str
    serial: str
    address: str
    port: int = 0
    configuration: str = ""
    key: paramiko.ECDSAKey = field(default_factory=paramiko.ECDSAKey.generate)
    heard: list[str] = field(default_factory=list)

    @property
    def host_key(self) -> str:
        return f"{self.key.get_name()} {self.key.get_base64()}"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        del chanid
        wanted = kind == "session"
        return common.OPEN_SUCCEEDED if wanted else common.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_auth_password(self, username: str, password: str) -> int:
        fits = (username, password) == (USER, PASSWORD)
        return common.AUTH_SUCCESSFUL if fits else common.AUTH_FAILED

    def check_channel_pty_request(self, *_given: object) -> bool:
        return True

    def check_channel_shell_request(self, _channel: paramiko.Channel) -> bool:
        return True

    def converse(self, client: socket.socket) -> None:
        """Serve one login until it leaves."""
        transport = paramiko.Transport(client)
        transport.add_server_key(self.key)
        transport.start_server(server=self)
        channel = transport.accept(10)
        if channel is None:
            return
        with suppress(OSError):  # it may leave in the middle of a line
            self._talk(transport, channel)

    def _talk(self, transport: paramiko.Transport, channel: paramiko.Channel) -> None:
        channel.send(f"{self.name}#".encode())
        line = ""
        while letters := channel.recv(1024):
            for letter in letters.decode(errors="replace"):
                if letter not in "\r\n":
                    line += letter
                    continue
                self.heard.append(line)
                channel.send(self._answered(line).encode())
                if line == "exit":
                    transport.close()
                    return
                line = ""

    def _answered(self, line: str) -> str:
        told = {"show version": VERSION.format(name=self.name, serial=self.serial)}
        if self.configuration:
            told["show running-config"] = told["show startup-config"] = self.configuration
        known = line in told or not line or line.startswith("terminal ")
        text = told.get(line, "" if known else "% Invalid input detected at '^' marker.\n")
        return f"{line}\n{text}{self.name}#".replace("\n", "\r\n")


@contextmanager
def listening(*switches: Switch) -> Iterator[None]:
    """Let each switch answer at its address on loopback, on any free port."""
    sockets = []
    for switch in switches:
        server = socket.create_server((switch.address, 0))
        switch.port = server.getsockname()[1]
        sockets.append(server)
        threading.Thread(target=_accept, args=(server, switch), daemon=True).start()
    try:
        yield
    finally:
        for server in sockets:
            server.close()


def _accept(server: socket.socket, switch: Switch) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=switch.converse, args=(client,), daemon=True).start()
