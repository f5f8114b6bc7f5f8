"""As much of a MySQL server as a login needs."""

from __future__ import annotations

import asyncio
import hashlib
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tests.monitors.probes.servers import SECRET

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable

SALT = b"0123456789abcdefghij"
NATIVE = "mysql_native_password"
CACHING = "caching_sha2_password"
OK = b"\0\0\0\2\0\0\0"


def serving(
    *,
    plugin: str = NATIVE,
    password: str = SECRET,
    remembers: bool = True,
    seen: list[bytes] | None = None,
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Take one login; a server that does not remember the user asks for the password itself."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _send(writer, 0, _greeting(plugin, can_encrypt=False))
        number, packet = await _packet(reader)
        if seen is not None:
            seen.append(packet)
        user, _, rest = packet[32:].partition(b"\0")
        proof = rest[1 : 1 + rest[0]]
        if user != b"lan" or proof != _proof(plugin, password):
            await _send(writer, number + 1, b"\xff" + (1045).to_bytes(2, "little") + b"#28000no")
            return
        if plugin == CACHING:
            await _send(writer, number + 1, b"\x01\x03" if remembers else b"\x01\x04")
            if not remembers:
                number, packet = await _packet(reader)
                if seen is not None:
                    seen.append(packet)
            number += 1
        await _send(writer, number + 1, OK)
        await reader.read(100)

    return handle


@asynccontextmanager
async def encrypted(tls: ssl.SSLContext) -> AsyncIterator[int]:
    """Take one login over TLS from a server that does not remember the user; yield its port."""
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        task = asyncio.create_task(_one_encrypted(loop, listener, tls))
        try:
            yield listener.getsockname()[1]
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _one_encrypted(
    loop: asyncio.AbstractEventLoop, listener: socket.socket, tls: ssl.SSLContext
) -> None:
    connection, _ = await loop.sock_accept(listener)
    greeting = _greeting(CACHING, can_encrypt=True)
    await loop.sock_sendall(connection, len(greeting).to_bytes(3, "little") + b"\0" + greeting)
    asked = b""
    while len(asked) < 36:  # no byte more: what follows belongs to TLS
        asked += await loop.sock_recv(connection, 36 - len(asked))
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await loop.connect_accepted_socket(lambda: protocol, connection, ssl=tls)
    writer = asyncio.StreamWriter(transport, protocol, reader, loop)
    try:
        number, _ = await _packet(reader)
        await _send(writer, number + 1, b"\x01\x04")
        number, password = await _packet(reader)
        is_right = password == SECRET.encode() + b"\0"
        await _send(writer, number + 1, OK if is_right else b"\xff\x15\x04#28000no")
        await reader.read(100)
    finally:
        transport.abort()


def _proof(plugin: str, password: str) -> bytes:
    def xor(a: bytes, b: bytes) -> bytes:
        return bytes(x ^ y for x, y in zip(a, b, strict=True))

    if plugin == NATIVE:
        first = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
        twice = hashlib.sha1(first, usedforsecurity=False).digest()
        return xor(first, hashlib.sha1(SALT + twice, usedforsecurity=False).digest())
    first = hashlib.sha256(password.encode()).digest()
    twice = hashlib.sha256(first).digest()
    return xor(first, hashlib.sha256(twice + SALT).digest())


def _greeting(plugin: str, *, can_encrypt: bool) -> bytes:
    flags = 0x8F7FF | (0x800 if can_encrypt else 0)
    return (
        b"\x0a8.0.36-test\0"
        + bytes(4)
        + SALT[:8]
        + b"\0"
        + (flags & 0xFFFF).to_bytes(2, "little")
        + b"\x2d"
        + bytes(2)
        + (flags >> 16).to_bytes(2, "little")
        + b"\x15"
        + bytes(10)
        + SALT[8:]
        + b"\0"
        + plugin.encode()
        + b"\0"
    )


async def _send(writer: asyncio.StreamWriter, number: int, body: bytes) -> None:
    writer.write(len(body).to_bytes(3, "little") + bytes([number]) + body)
    await writer.drain()


async def _packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readexactly(4)
    return head[3], await reader.readexactly(int.from_bytes(head[:3], "little"))
