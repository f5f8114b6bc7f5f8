"""The IOS persona on the wire: SSH terminal, single commands and SCP."""

import asyncio
import hmac
import os
from collections.abc import AsyncIterator

import asyncssh

from lab.simulators.device import Device
from lab.simulators.ios_exec import run
from lab.simulators.ios_session import Session

_SERVER_VERSION = "Cisco-1.25"


class _Login(asyncssh.SSHServer):
    """Password login of the one local user."""

    def __init__(self, device: Device, connections: set[asyncssh.SSHServerConnection]) -> None:
        self._device = device
        self._connections = connections
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Remember the connection: a shut management port cuts it."""
        self._connection = conn
        self._connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        if self._connection:
            self._connections.discard(self._connection)

    def begin_auth(self, username: str) -> bool:
        """Nobody enters without a password."""
        return True

    def password_auth_supported(self) -> bool:
        """Passwords only."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Compare in constant time, journal both outcomes."""
        settings = self._device.settings
        good = hmac.compare_digest(username.encode(), settings.username.encode()) & (
            hmac.compare_digest(password.encode(), settings.password.encode())
        )
        self._device.note("login" if good else "login_failed", username)
        return good


class _FlashFiles(asyncssh.SFTPServer):
    """SCP sees one flat directory: flash."""

    def __init__(self, chan: asyncssh.SSHServerChannel[bytes], device: Device) -> None:
        super().__init__(chan)
        if "ip scp server enable" not in device.running:
            raise asyncssh.SFTPPermissionDenied("SCP server is not enabled")
        self._flash = device.flash

    def map_path(self, path: bytes) -> bytes:
        """`flash:/name` as the file it is; anything else does not exist."""
        if path.rstrip(b"/") in (b"flash:", b"", b"."):
            return os.fsencode(self._flash.directory)
        real = self._flash.path(os.fsdecode(path))
        if real is None:
            raise asyncssh.SFTPNoSuchFile("No such file or directory")
        return os.fsencode(real)


async def _input(process: "asyncssh.SSHServerProcess[str]") -> AsyncIterator[str]:
    while True:
        try:
            data = await process.stdin.read(4096)
        except (asyncssh.BreakReceived, asyncssh.TerminalSizeChanged):
            continue
        if not data:
            return
        for char in data:
            yield char


def _terminal(text: str) -> str:
    return text.rstrip("\r\n").replace("\n", "\r\n") + "\r\n" if text else ""


async def _talk(session: Session, process: "asyncssh.SSHServerProcess[str]") -> None:
    """Echo and collect characters, answer each line with output and the next prompt."""
    write = process.stdout.write
    write(f"\r\n{session.prompt}")
    line, last = "", ""
    async for char in _input(process):
        if char in "\r\n":
            if not (char == "\n" and last == "\r"):
                write("\r\n")
                write(_terminal(session.feed(line)))
                line = ""
                if session.closed:
                    return
                write(session.prompt)
        elif char == "\x1a" and session.editor is not None:
            session.leave_configuration()
            write(f"^Z\r\n{session.prompt}")
            line = ""
        elif char in "\x7f\b":
            line = line[:-1]
        elif char in "\x03\x15":
            line = ""
        elif char != "\x00":
            line += char
            if not (session.question and session.question.secret):
                write(char)
        last = char


async def _serve(device: Device, process: "asyncssh.SSHServerProcess[str]") -> None:
    user = str(process.get_extra_info("username"))
    session = Session(device, user, device.settings.enable is None, run)
    try:
        if process.command is not None:
            process.stdout.write(_terminal(session.feed(process.command)))
        else:
            await _talk(session, process)
    except (asyncssh.Error, ConnectionError):
        pass
    finally:
        session.leave_configuration()
        process.exit(0)


class IosServer:
    """The SSH listener; it can be closed and opened again on the same port."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._port = device.settings.ssh_port
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._connections: set[asyncssh.SSHServerConnection] = set()

    async def open(self) -> int:
        """Listen; the port in use."""
        device = self._device
        self._acceptor = await asyncssh.create_server(
            lambda: _Login(device, self._connections),
            device.settings.listen,
            self._port,
            server_host_keys=[str(device.settings.host_key)],
            server_version=_SERVER_VERSION,
            process_factory=lambda process: _serve(device, process),
            sftp_factory=lambda chan: _FlashFiles(chan, device),
            allow_scp=True,
            line_editor=False,
            errors="replace",
            reuse_address=True,
        )
        self._port = self._acceptor.get_port()
        return self._port

    async def close(self) -> None:
        """Stop listening and cut every session without a farewell."""
        if self._acceptor:
            self._acceptor.close()
            self._acceptor = None
        for connection in list(self._connections):
            connection.abort()
        await asyncio.sleep(0)
