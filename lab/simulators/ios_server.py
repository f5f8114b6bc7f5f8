"""The personas with a command line on the wire: SSH terminal, single commands and, of IOS, SCP."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from typing import Protocol, TypeAlias

import asyncssh

from lab.simulators.device import Device, lets_in
from lab.simulators.ios_exec import run
from lab.simulators.ios_session import Question, Session

_SERVER_VERSION = "Cisco-1.25"


class Talk(Protocol):
    """One login, as the terminal sees it."""

    question: Question | None
    closed: bool

    @property
    def prompt(self) -> str:
        """What stands before the cursor."""

    @property
    def is_configuring(self) -> bool:
        """Whether control-Z has something to leave."""

    def feed(self, line: str) -> str:
        """Take one line; what the device prints before the next prompt."""

    def leave_configuration(self) -> None:
        """Leave configuration mode, also when the line drops."""


Login: TypeAlias = Callable[[Device, str], Talk]


def _ios(device: Device, user: str) -> Talk:
    return Session(device, user, device.settings.enable is None, run)


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
        """Compare in constant time, journal both outcomes; an expired one lets nobody in."""
        settings = self._device.settings
        username = username.partition("+")[0]  # RouterOS takes terminal options behind the name
        good = lets_in(self._device, username, password)
        expired = good and settings.expired is not None and settings.expired.exists()
        self._device.note("login" if good and not expired else "login_failed", username)
        if expired:
            raise asyncssh.PasswordChangeRequired("Your password has expired. New password:")
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


async def _chunks(process: "asyncssh.SSHServerProcess[str]") -> AsyncIterator[str]:
    while True:
        try:
            data = await process.stdin.read(4096)
        except (asyncssh.BreakReceived, asyncssh.TerminalSizeChanged):
            continue
        if not data:
            return
        yield data


def _crlf(text: str) -> str:
    return text.rstrip("\r\n").replace("\n", "\r\n") + "\r\n" if text else ""


class _Terminal:
    """Turns typed characters into lines; what it returns is shown to the person."""

    def __init__(self, session: Talk) -> None:
        self._session = session
        self._line = ""
        self._last = ""

    def take(self, char: str) -> str:
        """One character: its echo, or the answer to the line it ends and the next prompt."""
        last, self._last = self._last, char
        if char in "\r\n":
            return "" if char == "\n" and last == "\r" else self._enter()
        if char == "\x1a" and self._session.is_configuring:
            self._session.leave_configuration()
            self._line = ""
            return f"^Z\r\n{self._session.prompt}"
        if char in "\x7f\b":
            self._line = self._line[:-1]
        elif char in "\x03\x15":
            self._line = ""
        elif char != "\x00":
            self._line += char
            question = self._session.question
            return "" if question and question.secret else char
        return ""

    def _enter(self) -> str:
        line, self._line = self._line, ""
        answer = _crlf(self._session.feed(line))
        return f"\r\n{answer}{'' if self._session.closed else self._session.prompt}"


async def _talk(session: Talk, process: "asyncssh.SSHServerProcess[str]") -> None:
    """Answer each chunk of input with one write, until the session is closed."""
    process.stdout.write(f"\r\n{session.prompt}")
    terminal = _Terminal(session)
    async for data in _chunks(process):
        shown = []
        for char in data:
            shown.append(terminal.take(char))
            if session.closed:
                break
        process.stdout.write("".join(shown))
        if session.closed:
            return


async def _serve(device: Device, login: Login, process: "asyncssh.SSHServerProcess[str]") -> None:
    user = str(process.get_extra_info("username")).partition("+")[0]
    session = login(device, user)
    try:
        if process.command is not None:
            process.stdout.write(_crlf(session.feed(process.command)))
        else:
            await _talk(session, process)
    except (asyncssh.Error, ConnectionError):
        pass
    finally:
        session.leave_configuration()
        process.exit(0)


class IosServer:
    """The SSH listener; it can be closed and opened again on the same port."""

    def __init__(self, device: Device, login: Login = _ios) -> None:
        self._device = device
        self._login = login
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
            process_factory=lambda process: _serve(device, self._login, process),
            sftp_factory=lambda chan: _FlashFiles(chan, device),
            allow_scp=True,
            line_editor=False,
            errors="replace",
            reuse_address=True,
        )
        self._port = self._acceptor.get_port()
        return self._port

    async def close(self, *, cut: bool = True) -> None:
        """Stop listening and, with `cut`, end every session without a farewell."""
        if self._acceptor:
            self._acceptor.close()
            self._acceptor = None
        for connection in list(self._connections) if cut else ():
            connection.abort()
        await asyncio.sleep(0)
