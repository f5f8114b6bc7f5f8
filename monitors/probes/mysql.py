"""Can a database user log in to MySQL or MariaDB (client/server protocol 10).

Passwords are proved by challenge (mysql_native_password, and caching_sha2_password where the
server remembers the user). A server that wants the password itself gets it over proven TLS only.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from hatang.errors import DriverError, Reason
from monitors.probes.login import login
from monitors.probes.result import Answer, Options, Probe
from monitors.probes.stream import connected, trusting

if TYPE_CHECKING:
    from monitors.probes.aim import Aim
    from monitors.probes.login import Login
    from monitors.probes.result import Means
    from monitors.probes.stream import Talk

# Capability flags of the protocol.
_LONG_PASSWORD: Final = 1
_PROTOCOL_41: Final = 0x200
_SSL: Final = 0x800
_SECURE_CONNECTION: Final = 0x8000
_PLUGIN_AUTH: Final = 0x80000
_MAX_PACKET: Final = 64 * 1024
_UTF8MB4: Final = 45
_NATIVE: Final = "mysql_native_password"
_CACHING: Final = "caching_sha2_password"
_ACCESS_DENIED: Final = frozenset({1044, 1045, 1698})
_FULL, _FAST = b"\x01\x04", b"\x01\x03"


class MysqlOptions(Options):
    """`credential` is the stored login; `tls` encrypts with a proven server first."""

    credential: Annotated[str, Field(min_length=1, max_length=100)]
    tls: bool = False


@dataclass(slots=True)
class _Greeting:
    version: str
    salt: bytes
    plugin: str
    can_encrypt: bool


async def ask(aim: Aim, means: Means, options: MysqlOptions) -> Answer:
    """Answer when the login is taken."""
    stored = await login(means, options.credential)
    async with connected(aim) as talk:
        number, packet = await _packet(talk)
        greeting = _greeting(talk, packet)
        flags = _LONG_PASSWORD | _PROTOCOL_41 | _SECURE_CONNECTION | _PLUGIN_AUTH
        head = _head(flags | (_SSL if options.tls else 0))
        if options.tls:
            if not greeting.can_encrypt:
                raise DriverError(f"{aim.url}: offers no encryption", Reason.REJECTED)
            await _send(talk, number + 1, head)
            await talk.start_tls(trusting(means.authorities))
            number += 1
        proof = _proof(greeting.plugin, stored, greeting.salt)
        user = stored.username.encode() + b"\0"
        body = head + user + bytes([len(proof)]) + proof + greeting.plugin.encode() + b"\0"
        await _send(talk, number + 1, body)
        await _finish(talk, stored, greeting, encrypted=options.tls)
        await _send(talk, 0, b"\x01")  # COM_QUIT
    return Answer(detail=f"server {greeting.version}")


async def _finish(talk: Talk, stored: Login, greeting: _Greeting, *, encrypted: bool) -> None:
    for _ in range(4):
        number, packet = await _packet(talk)
        if packet[:1] == b"\0":
            return
        if packet[:1] == b"\xff":
            raise _refused(talk, packet)
        if packet[:1] == b"\xfe":
            plugin, _, salt = packet[1:].partition(b"\0")
            greeting.plugin = plugin.decode("ascii", "replace")
            proof = _proof(greeting.plugin, stored, salt.rstrip(b"\0"))
            await _send(talk, number + 1, proof)
        elif packet == _FULL and encrypted:
            await _send(talk, number + 1, stored.password.encode() + b"\0")
        elif packet == _FULL:
            raise DriverError(
                f"{talk.aim.url}: wants the password itself",
                Reason.AUTH_FAILED,
                fix="Set the option tls: true.",
            )
        elif packet != _FAST:
            break
    raise talk.nonsense("no answer to the login")


def _greeting(talk: Talk, packet: bytes) -> _Greeting:
    if packet[:1] == b"\xff":
        raise _refused(talk, packet)
    version, zero, rest = packet[1:].partition(b"\0")
    if packet[:1] != b"\x0a" or not zero or len(rest) < 31:
        raise talk.nonsense("no greeting of MySQL")
    flags = int.from_bytes(rest[13:15], "little") | int.from_bytes(rest[18:20], "little") << 16
    salt = rest[4:12] + rest[31:].partition(b"\0")[0][:12]
    plugin = rest[31 + 13 :].partition(b"\0")[0].decode("ascii", "replace") or _NATIVE
    shown = version.decode("ascii", "replace")[:60]
    return _Greeting(shown, salt, plugin if plugin == _CACHING else _NATIVE, bool(flags & _SSL))


def _proof(plugin: str, stored: Login, salt: bytes) -> bytes:
    secret = stored.password.encode()
    if plugin == _NATIVE:
        first = _sha1(secret)
        return _xor(first, _sha1(salt[:20] + _sha1(first)))
    if plugin == _CACHING:
        first = hashlib.sha256(secret).digest()
        again = hashlib.sha256(hashlib.sha256(first).digest() + salt[:20]).digest()
        return _xor(first, again)
    raise DriverError(f"proof by {plugin[:40]!r} is not spoken", Reason.NOT_SUPPORTED)


def _sha1(data: bytes) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()  # the protocol's own


def _xor(first: bytes, second: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(first, second, strict=True))


def _head(flags: int) -> bytes:
    return (
        flags.to_bytes(4, "little")
        + _MAX_PACKET.to_bytes(4, "little")
        + bytes([_UTF8MB4])
        + bytes(23)
    )


def _refused(talk: Talk, packet: bytes) -> DriverError:
    code = int.from_bytes(packet[1:3], "little")
    reason = Reason.AUTH_FAILED if code in _ACCESS_DENIED else Reason.REJECTED
    return DriverError(f"{talk.aim.url}: error {code}", reason)


async def _packet(talk: Talk) -> tuple[int, bytes]:
    head = await talk.exactly(4)
    length = int.from_bytes(head[:3], "little")
    if length > _MAX_PACKET:
        raise talk.nonsense("a packet too long")
    return head[3], await talk.exactly(length)


async def _send(talk: Talk, number: int, body: bytes) -> None:
    await talk.send(len(body).to_bytes(3, "little") + bytes([number & 0xFF]) + body)


PROBE: Final = Probe(ask, ("mysql",), MysqlOptions)
