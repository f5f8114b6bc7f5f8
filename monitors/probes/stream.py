"""A conversation over TCP or TLS with a peer that may say anything, at any length and speed.

The whole conversation has one time limit, so that a peer that drips bytes ends it; a line and a
body have a length, so that one that floods fills no memory.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509

from hatang import clock
from hatang.errors import DriverError, Reason
from monitors.choices import Cause
from monitors.probes.result import EXPIRES_SOON

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from monitors.probes.aim import Aim
    from monitors.probes.result import Means

MAX_LINE: Final = 8192
_CHUNK: Final = 65_536


@dataclass(slots=True)
class Talk:
    """One connection to `aim`."""

    aim: Aim
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        """Send `data`."""
        self.writer.write(data)
        await self.writer.drain()

    async def line(self) -> bytes:
        """Return the next line without its end.

        Raises:
            DriverError: PROTOCOL_ERROR for a line too long, or the end instead of one.
        """
        try:
            line = await self.reader.readline()
        except ValueError as error:
            raise self.nonsense("a line without end") from error
        if not line.endswith(b"\n") or len(line) > MAX_LINE:
            raise self.nonsense("a line without end" if line else "the connection ended")
        return line.rstrip(b"\r\n")

    async def exactly(self, count: int) -> bytes:
        """Return the next `count` bytes; raises DriverError PROTOCOL_ERROR when it ends before."""
        try:
            return await self.reader.readexactly(count)
        except asyncio.IncompleteReadError as error:
            raise self.nonsense("the connection ended") from error

    async def upto(self, limit: int) -> bytes:
        """Return what comes until the end, at most `limit` bytes."""
        found = b""
        while len(found) < limit:
            part = await self.reader.read(min(_CHUNK, limit - len(found)))
            if not part:
                break
            found += part
        return found

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """Go on encrypted, with the name of the aim."""
        await self.writer.start_tls(context, server_hostname=self.aim.host)

    @property
    def chain(self) -> list[bytes]:
        """Return the certificates the peer showed (DER), its own first; none without TLS."""
        found: Any = self.writer.get_extra_info("ssl_object")
        if found is None:
            return []
        shown = found._sslobj.get_unverified_chain() or []  # noqa: SLF001 - public in 3.13 only
        return [one.public_bytes(2) for one in shown]  # 2: DER

    def nonsense(self, what: str) -> DriverError:
        """Return the error for an answer that is not in the protocol."""
        return DriverError(f"{self.aim.url}: {what}", Reason.PROTOCOL_ERROR)


@asynccontextmanager
async def connected(aim: Aim, context: ssl.SSLContext | None = None) -> AsyncIterator[Talk]:
    """Connect to the aim's address, speaking its name in TLS when `context` is given."""
    async with asyncio.timeout(aim.timeout_seconds):
        name = aim.host if context is not None else None
        reader, writer = await asyncio.open_connection(
            aim.address, aim.port, ssl=context, server_hostname=name
        )
        try:
            yield Talk(aim, reader, writer)
        except BaseException:
            writer.transport.abort()  # a peer that misbehaves is not waited for
            raise
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


# Reading the authorities takes tens of milliseconds, and the poll loop would stand still for them.
@lru_cache(maxsize=4)
def trusting(authorities: str) -> ssl.SSLContext:
    """Return a context that proves the peer by the system's authorities and `authorities`."""
    context = ssl.create_default_context()
    if authorities:
        context.load_verify_locations(cadata=authorities)
    return context


@lru_cache(maxsize=1)
def unproved() -> ssl.SSLContext:
    """Return a context that takes any certificate; nothing secret may be sent with it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@dataclass(frozen=True, slots=True)
class Proof:
    """What TLS showed: whether the certificates are good, and when the first of them ends."""

    cause: Cause
    values: dict[str, float]


def proof(chain: list[bytes], *, is_proved: bool) -> Proof:
    """Judge the certificates of a connection; raises DriverError when one is none."""
    if not chain:
        return Proof(Cause.ANSWERED, {})
    try:
        ends = min(x509.load_der_x509_certificate(one).not_valid_after_utc for one in chain)
    except ValueError as error:
        raise DriverError("a certificate cannot be read", Reason.PROTOCOL_ERROR) from error
    cause = Cause.ANSWERED if is_proved else Cause.CERTIFICATE_INVALID
    if is_proved and ends - clock.now() < EXPIRES_SOON:
        cause = Cause.CERTIFICATE_EXPIRING
    return Proof(cause, {"probe_ssl_earliest_cert_expiry": ends.timestamp()})


@asynccontextmanager
async def proving(
    aim: Aim, means: Means, *, encrypted: bool
) -> AsyncIterator[tuple[Talk, ssl.SSLContext]]:
    """Connect with a proven peer, or plainly when not `encrypted`; yields the context to go on."""
    context = trusting(means.authorities)
    async with connected(aim, context if encrypted else None) as talk:
        yield talk, context
