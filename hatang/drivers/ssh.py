"""Command and file sessions over SSH (paramiko).

The server's key is compared with the enrolled ones right after the key exchange and before the
first authentication message. No agent, no key files of the process's user, no known_hosts.
"""

from __future__ import annotations

import io
import logging
import secrets
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import paramiko

from hatang import clock
from hatang.drivers.failures import COMMON_RULES, Rule, translated
from hatang.drivers.hostkeys import enrolled, fingerprint
from hatang.drivers.legacy import SHA1_SIGNATURE, LegacyTransport, signing_with_sha1
from hatang.drivers.protocols import CommandResult, HostKeys, PublicKey
from hatang.drivers.target import Allowance
from hatang.errors import DriverError, Reason
from hatang.operations import observe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hatang.drivers.target import SshLogin, Target

SSH_RULES: Final[tuple[Rule, ...]] = (
    (paramiko.BadHostKeyException, Reason.HOST_KEY_MISMATCH),
    (paramiko.AuthenticationException, Reason.AUTH_FAILED),
    (paramiko.PasswordRequiredException, Reason.AUTH_FAILED),
    (paramiko.ssh_exception.IncompatiblePeer, Reason.LEGACY_ONLY),
    *COMMON_RULES,
    (paramiko.SSHException, Reason.PROTOCOL_ERROR),
)
_PRIVATE_KEYS: Final = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
_SCANNED_KINDS: Final = ("ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512")
_CHUNK_BYTES: Final = 65_536
_SCAN_LOG: Final = "paramiko.scan"
logging.getLogger(_SCAN_LOG).setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class SshLimits:
    """How long each part of a login may take, and how much a command may print."""

    connect_seconds: float = 10.0
    banner_seconds: float = 15.0
    auth_seconds: float = 15.0
    output_bytes: int = 16 * 1024 * 1024


def open_ssh(
    target: Target,
    login: SshLogin,
    host_keys: HostKeys,
    limits: SshLimits | None = None,
    sock: socket.socket | paramiko.Channel | None = None,
) -> ParamikoSession:
    """Log in to `target`, through its jump host if it has one; `sock` is a way that stands.

    Raises:
        DriverError: HOST_KEY_MISMATCH before any credential is sent, AUTH_FAILED, TIMEOUT,
            REFUSED, UNREACHABLE, PROTOCOL_ERROR, or LEGACY_ONLY when the peer knows nothing but
            algorithms that need a waiver.
    """
    limits = limits or SshLimits()
    with (
        observe("driver", "ssh.open"),
        translated(target, "SSH login", SSH_RULES),
        ExitStack() as stack,
    ):
        keys = enrolled(host_keys, target)
        if sock is None and target.via is not None:
            hop = stack.enter_context(closing(through(target, host_keys, limits)))
            sock = hop.tunnel(target.host, target.port)
        transport = _start(target, limits, [key.kind for key in keys], sock)
        stack.callback(transport.close)
        verify(target, transport, keys)
        _authenticate(transport, login)
        return ParamikoSession(target, transport, limits, stack.pop_all())


def through(
    target: Target, host_keys: HostKeys, limits: SshLimits | None = None
) -> ParamikoSession:
    """Log in to the jump host of `target`, which must have one; raises as `open_ssh`."""
    if target.via is None:
        raise DriverError(f"{target}: has no jump host", Reason.NOT_SUPPORTED)
    return open_ssh(target.via.target, target.via.login, host_keys, limits)


def scan(target: Target, limits: SshLimits | None = None) -> list[PublicKey]:
    """Return the keys `target` presents, one a kind, without logging in and without trust.

    Raises:
        DriverError: the server does not answer, or speaks no key exchange we know.
    """
    limits = limits or SshLimits()
    found: list[PublicKey] = []
    with observe("driver", "ssh.scan"), translated(target, "SSH host key scan", SSH_RULES):
        for kind in _SCANNED_KINDS:
            with suppress(paramiko.ssh_exception.IncompatiblePeer):
                transport = _start(target, limits, [kind], None, only=True)
                found.append(presented(transport))
                transport.close()
        if not found:  # nothing is trusted or sent here, so that no waiver is needed to look
            old = replace(target, legacy=Allowance("scan"))
            transport = _start(old, limits, [SHA1_SIGNATURE], None, only=True)
            found.append(presented(transport))
            transport.close()
    return found


def presented(transport: paramiko.Transport) -> PublicKey:
    """Return the key the server of a started transport proved to hold."""
    key = transport.get_remote_server_key()
    return PublicKey(key.get_name(), key.get_base64())


def verify(target: Target, transport: paramiko.Transport, keys: Sequence[PublicKey]) -> None:
    """Refuse a server whose key is not among `keys`; raises DriverError HOST_KEY_MISMATCH."""
    key = presented(transport)
    if key not in keys:
        expected = ", ".join(fingerprint(enrolled_key) for enrolled_key in keys)
        raise DriverError(
            f"{target}: presented {key.kind} host key {fingerprint(key)}, enrolled is {expected}",
            Reason.HOST_KEY_MISMATCH,
            fix="Check on the device's console who answered; replace the key if it was renewed.",
        )


def load_private_key(text: str, passphrase: str | None = None) -> paramiko.PKey:
    """Read a private key in PEM or OpenSSH form.

    Raises:
        DriverError: AUTH_FAILED, when it is of no kind we know or the passphrase is wrong.
    """
    for kind in _PRIVATE_KEYS:
        with suppress(paramiko.SSHException, ValueError):
            return kind.from_private_key(io.StringIO(text), password=passphrase)
    raise DriverError(
        "the SSH private key cannot be read",
        Reason.AUTH_FAILED,
        fix="Store an Ed25519, ECDSA or RSA key, with its passphrase if it has one.",
    )


class ParamikoSession:
    """An authenticated SSH connection; fills the Protocol SshSession."""

    def __init__(
        self, target: Target, transport: paramiko.Transport, limits: SshLimits, stack: ExitStack
    ) -> None:
        self._target = target
        self._transport = transport
        self._limits = limits
        self._stack = stack

    def run(
        self, command: str, data: bytes | None = None, timeout_seconds: float = 30.0
    ) -> CommandResult:
        """Run `command`; what it prints on both streams together may not pass the limit.

        Raises:
            DriverError: TIMEOUT after `timeout_seconds` in total, PROTOCOL_ERROR when the output
                is too large or the connection breaks.
        """
        with observe("driver", "ssh.run"), translated(self._target, "command", SSH_RULES):
            deadline = clock.monotonic() + timeout_seconds
            channel = self._transport.open_session(timeout=timeout_seconds)
            try:
                channel.settimeout(timeout_seconds)
                channel.exec_command(command)
                return self._exchange(channel, data, deadline)
            finally:
                channel.close()

    def put(self, path: str, data: bytes) -> None:
        """Write `data` to `path` with mode 0600, whole or not at all (rename at the end)."""
        with (
            observe("driver", "ssh.put"),
            translated(self._target, "file upload", SSH_RULES),
            self._sftp() as sftp,
        ):
            part = f"{path}.{secrets.token_hex(4)}.part"
            try:
                with sftp.open(part, "wb") as handle:
                    handle.chmod(0o600)
                    handle.write(data)
                sftp.posix_rename(part, path)
            except OSError:
                with suppress(OSError):
                    sftp.remove(part)
                raise

    def tunnel(self, host: str, port: int) -> paramiko.Channel:
        """Return a channel to `host` through this session, to be `sock` of another login."""
        with translated(self._target, f"tunnel to {host}:{port}", SSH_RULES):
            return self._transport.open_channel(
                "direct-tcpip", (host, port), ("127.0.0.1", 0), timeout=self._limits.connect_seconds
            )

    def close(self) -> None:
        """End the connection, and the one to the jump host."""
        self._stack.close()

    def _sftp(self) -> paramiko.SFTPClient:
        try:
            sftp = paramiko.SFTPClient.from_transport(self._transport)
        except (paramiko.SSHException, EOFError) as error:
            message = f"{self._target}: offers no SFTP"
            raise DriverError(message, Reason.NOT_SUPPORTED) from error
        if sftp is None:
            raise DriverError(f"{self._target}: offers no SFTP", Reason.NOT_SUPPORTED)
        sftp.get_channel().settimeout(self._limits.banner_seconds)  # type: ignore[union-attr]
        return sftp

    def _exchange(
        self, channel: paramiko.Channel, data: bytes | None, deadline: float
    ) -> CommandResult:
        # Both streams must be drained while input is written, else a full window stops all three.
        limit = self._limits.output_bytes
        with ThreadPoolExecutor(max_workers=2, thread_name_prefix="ssh") as pool:
            written = pool.submit(_feed, channel, data)
            errors = pool.submit(_drain, channel, channel.recv_stderr, deadline, limit)
            try:
                output = _drain(channel, channel.recv, deadline, limit)
                error_text = errors.result()
                written.result()
            except BaseException:
                channel.close()
                raise
        if not channel.status_event.wait(max(0.0, deadline - clock.monotonic())):
            raise TimeoutError("no exit status within the time allowed")
        status = channel.recv_exit_status()
        return CommandResult(
            output.decode("utf-8", "replace"),
            error_text.decode("utf-8", "replace"),
            None if status < 0 else status,
        )


def _start(
    target: Target,
    limits: SshLimits,
    kinds: Sequence[str],
    sock: socket.socket | paramiko.Channel | None,
    *,
    only: bool = False,
) -> paramiko.Transport:
    address = (target.host, target.port)
    if sock is None:
        sock = socket.create_connection(address, timeout=limits.connect_seconds)
    transport = paramiko.Transport(sock) if target.legacy is None else LegacyTransport(sock)
    transport.banner_timeout = limits.banner_seconds
    transport.auth_timeout = limits.auth_seconds
    if only:
        transport.set_log_channel(_SCAN_LOG)  # a server without this kind of key is no error
    options = transport.get_security_options()
    wanted = _algorithms(kinds, tuple(options.key_types))
    options.key_types = (
        wanted if only else (*wanted, *(kind for kind in options.key_types if kind not in wanted))
    )
    try:
        transport.start_client(timeout=limits.connect_seconds + limits.banner_seconds)
    except BaseException:
        transport.close()
        raise
    if target.legacy is not None:
        target.legacy.used = LegacyTransport.weak(transport)
    return transport


def _algorithms(kinds: Sequence[str], offered: Sequence[str]) -> tuple[str, ...]:
    """Name the signature algorithms for key kinds: an ssh-rsa key signs as rsa-sha2 (RFC 8332)."""
    rsa = {"rsa-sha2-512", "rsa-sha2-256", SHA1_SIGNATURE}
    wanted = rsa if "ssh-rsa" in kinds else set()
    return tuple(kind for kind in offered if kind in wanted.union(kinds))


def _authenticate(transport: paramiko.Transport, login: SshLogin) -> None:
    if login.private_key is not None:
        key = load_private_key(login.private_key, login.passphrase)
        if isinstance(transport, LegacyTransport):
            key = signing_with_sha1(key)
        with suppress(*(() if login.password is None else (paramiko.AuthenticationException,))):
            transport.auth_publickey(login.username, key)
            return
    if login.password is None:
        raise DriverError("the SSH login has neither password nor key", Reason.AUTH_FAILED)
    transport.auth_password(login.username, login.password)


def _feed(channel: paramiko.Channel, data: bytes | None) -> None:
    with suppress(OSError):  # a command that does not read its input closes it
        if data:
            channel.sendall(data)
        channel.shutdown_write()


def _drain(
    channel: paramiko.Channel, receive: Callable[[int], bytes], deadline: float, limit: int
) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        remaining = deadline - clock.monotonic()
        if remaining <= 0:
            raise TimeoutError("the command did not end within the time allowed")
        channel.settimeout(remaining)
        chunk = receive(_CHUNK_BYTES)
        if not chunk:
            return b"".join(parts)
        size += len(chunk)
        if size > limit:
            raise DriverError(f"printed more than {limit} bytes", Reason.PROTOCOL_ERROR)
        parts.append(chunk)
