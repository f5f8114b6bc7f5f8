"""A small SSH server: exec commands, SFTP and SCP, and a shell that behaves like vtysh."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncssh

from hatang.drivers.hostkeys import FixedHostKeys, parse_key
from hatang.drivers.target import SshLogin, Target

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from pathlib import Path

    from hatang.drivers.protocols import PublicKey

LOGIN = SshLogin("ops", "labpass")


class SshServer:
    """One device; `attempts` has every authentication message that reached it.

    `algorithms` are asyncssh's options for what it offers; `tunnels` where it was asked to lead.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        key: asyncssh.SSHKey,
        folder: Path,
        **algorithms: list[str],
    ) -> None:
        self._algorithms = algorithms
        self.tunnels: list[tuple[str, int]] = []
        self._loop = loop
        self.key = key
        self.folder = folder
        self.attempts: list[str] = []
        self.authorized: list[str] = []
        self.lines: list[str] = []
        self.port = 0
        self._acceptor: asyncssh.SSHAcceptor | None = None
        folder.mkdir(exist_ok=True)

    @property
    def target(self) -> Target:
        return Target("r1", "127.0.0.1", self.port)

    @property
    def public_key(self) -> PublicKey:
        return parse_key(self.key.export_public_key().decode())

    @property
    def host_keys(self) -> FixedHostKeys:
        return FixedHostKeys({("127.0.0.1", self.port): [self.public_key]})

    def start(self) -> None:
        self._acceptor = self._run(
            asyncssh.create_server(
                lambda: _Auth(self),
                "127.0.0.1",
                self.port,
                server_host_keys=[self.key],
                process_factory=self._process,
                sftp_factory=lambda channel: asyncssh.SFTPServer(
                    channel, chroot=bytes(self.folder)
                ),
                allow_scp=True,
                line_editor=False,
                **self._algorithms,
            )
        )
        self.port = self._acceptor.get_port()

    def stop(self) -> None:
        if self._acceptor is not None:
            self._loop.call_soon_threadsafe(self._acceptor.close)
            self._run(self._acceptor.wait_closed())

    def change_key(self) -> None:
        """Answer new connections with another host key, as a man in the middle would."""
        self.stop()
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.start()

    def _run(self, work: Awaitable[Any]) -> Any:
        async def awaited() -> Any:
            return await work

        return asyncio.run_coroutine_threadsafe(awaited(), self._loop).result(10)

    async def _process(self, process: asyncssh.SSHServerProcess[str]) -> None:
        try:
            if process.command is None:
                await _Shell(self, process).run()
            else:
                await _execute(process)
        except (BrokenPipeError, ConnectionError, asyncssh.Error):
            pass


class _Auth(asyncssh.SSHServer):
    def __init__(self, server: SshServer) -> None:
        self._server = server

    def begin_auth(self, username: str) -> bool:
        self._server.attempts.append(f"begin {username}")
        return True

    def connection_requested(
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> bool:
        self._server.tunnels.append((dest_host, dest_port))
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        self._server.attempts.append(f"password {password}")
        return (username, password) == (LOGIN.username, LOGIN.password)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        self._server.attempts.append(f"key {username}")
        return key.export_public_key().decode() in self._server.authorized


async def _execute(process: asyncssh.SSHServerProcess[str]) -> None:
    """Play the commands the tests use."""
    command = process.command or ""
    if command == "cat":
        process.stdout.write(await process.stdin.read())
    elif command == "flood":
        while True:
            process.stdout.write("x" * 65536)
            await process.stdout.drain()
    elif command == "hang":
        await asyncio.sleep(30)
    elif command.startswith("fail "):
        process.stderr.write("it did not work\n")
        process.exit(int(command.split()[1]))
        return
    else:
        process.stdout.write(f"ran {command}\n")
    process.exit(0)


class _Shell:
    """Prompt, echo, configuration mode, and vtysh's way to refuse a line."""

    def __init__(self, server: SshServer, process: asyncssh.SSHServerProcess[str]) -> None:
        self._server = server
        self._process = process
        self._mode = ""

    async def run(self) -> None:
        self._process.stdout.write(f"r1{self._mode}# ")
        line = ""
        while character := await self._process.stdin.read(1):
            if character not in "\r\n":
                line += character
                continue
            self._process.stdout.write(f"{line}\r\n")
            if line.strip() == "exit":
                break
            self._answer(line.strip())
            self._process.stdout.write(f"r1{self._mode}# ")
            line = ""
        self._process.exit(0)

    def _answer(self, line: str) -> None:
        out = self._process.stdout
        if line == "configure terminal":
            self._mode = "(config)"
        elif line == "end":
            self._mode = ""
        elif line.startswith(("nonsense", "% ")):
            out.write(f"% Unknown command: {line}\r\n")
        elif line == "show version":
            out.write("FRRouting 8.4.4 \x1b[1m(r1)\x1b[0m\x07 on Linux\r\n")
        elif line and self._mode:
            self._server.lines.append(line)
