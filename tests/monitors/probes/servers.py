"""Small servers of the protocols, each saying what it is told, on loopback."""

from __future__ import annotations

import asyncio
import hashlib
import re
import ssl
import struct
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hatang.errors import NotFoundError
from hatang.secrets import Credential
from monitors.probes import dnswire, running
from monitors.probes.registry import PROBES
from monitors.probes.result import Means
from monitors.probes.stamp import ntp_stamp
from monitors.targets import ServiceTarget
from tests.monitors.fakes import FakeDevice, FakeNetwork, FakeSip

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from hatang.drivers.protocols import HostKeys
    from monitors.probes.running import ProbeResult

LOCAL = "127.0.0.1"
SECRET = "mat-khau-rat-bi-mat-8841"


async def stored(name: str) -> Credential:
    """Give one login of each kind; anything else does not exist."""
    if name == "agent":
        return Credential(name, "snmpv2c", {"community": SECRET})
    if name == "login":
        return Credential(name, "http", {"username": "lan", "password": SECRET})
    raise NotFoundError(f"there is no credential {name}")


def means(
    device: FakeDevice | None = None,
    *,
    sip: int = 200,
    authorities: str = "",
    host_keys: HostKeys | None = None,
) -> Means:
    """Return means that reach the one device of this machine."""
    network = FakeNetwork({LOCAL: device or FakeDevice()})
    found = Means(
        network,
        FakeSip(sip),
        lambda _aim, _login: network.devices[LOCAL],
        authorities=authorities,
        credential=stored,
    )
    if host_keys is None:
        return found
    return Means(found.pinger, found.sip, found.snmp, authorities, stored, host_keys)


async def ask(
    probe: str,
    url: str,
    with_means: Means | None = None,
    *,
    timeout: float = 1.0,
    **options: object,
) -> ProbeResult:
    """Make one probe with its options."""
    told = PROBES[probe].options.model_validate(options)
    target = ServiceTarget("s", probe, url, options=told)
    return await running.run(
        target, with_means or means(), timeout_seconds=timeout, allow_local=True
    )


@asynccontextmanager
async def listening(
    handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    context: ssl.SSLContext | None = None,
) -> AsyncIterator[int]:
    """Serve `handle` over TCP and yield the port."""
    tasks: set[asyncio.Task[None]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            tasks.add(task)
        try:
            await handle(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return  # the test is over, or the other side has left
        finally:
            writer.close()

    server = await asyncio.start_server(one, LOCAL, 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def says(text: bytes) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Say `text` at once, whatever is asked, and wait until the other side leaves."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()
        while await reader.read(4096):
            pass

    return handle


def answers(
    greeting: bytes,
    replies: dict[bytes, bytes],
    tls: ssl.SSLContext | None = None,
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Answer each line that contains a key; the line with STARTTLS goes over to TLS."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        while line := await reader.readline():
            for word, reply in replies.items():
                if word in line.upper():
                    writer.write(reply)
                    await writer.drain()
                    break
            if b"STARTTLS" in line.upper() and tls is not None:
                await writer.start_tls(tls)

    return handle


def page(
    body: bytes = b"", *, status: int = 200, headers: str = ""
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Serve one page."""
    head = f"HTTP/1.1 {status} x\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode()
    return pages({b"": head + body})


def pages(
    by_path: dict[bytes, bytes], seen: list[bytes] | None = None
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Serve raw answers by the start of the request line; `seen` collects whole requests."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", request)
        request += await reader.readexactly(int(length[1])) if length else b""
        if seen is not None:
            seen.append(request)
        for start, answer in by_path.items():
            if request.startswith(start):
                writer.write(answer)
                await writer.drain()
                return

    return handle


class _Echo(asyncio.DatagramProtocol):
    def __init__(self, answer: Callable[[bytes], list[bytes]]) -> None:
        self.answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        for reply in self.answer(data):
            self.transport.sendto(reply, addr)


@asynccontextmanager
async def hearing(answer: Callable[[bytes], list[bytes]], host: str = LOCAL) -> AsyncIterator[int]:
    """Answer datagrams and yield the port."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Echo(answer), local_addr=(host, 0))
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


@dataclass
class Zone:
    """A name server's answers: (type, value on the wire) each, flags and code."""

    records: list[tuple[int, bytes]] = field(default_factory=list)
    code: int = 0
    flags: int = 0

    def __call__(self, data: bytes) -> list[bytes]:
        end = data.index(b"\0", 12) + 5
        head = data[:2] + struct.pack("!H", 0x8180 | self.flags | self.code)
        head += struct.pack("!4H", 1, len(self.records), 0, 0)
        body = b"".join(
            b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(value)) + value
            for kind, value in self.records
        )
        return [head + data[12:end] + body]


def soa(serial: int) -> tuple[int, bytes]:
    """Return an SOA record."""
    names = dnswire.packed("ns1.tinh.test") + dnswire.packed("admin.tinh.test")
    return 6, names + struct.pack("!5I", serial, 3600, 600, 86400, 60)


def rrsig(covered: int, ends: datetime) -> tuple[int, bytes]:
    """Return a signature over records of the type `covered`, as far as its dates go."""
    expires, begins = int(ends.timestamp()), int(ends.timestamp()) - 86400
    head = struct.pack("!HBBIIIH", covered, 13, 2, 60, expires, begins, 1)
    return 46, head + dnswire.packed("tinh.test") + bytes(64)


def time_server(
    *, offset: float = 0.0, stratum: int = 2, leap: int = 0
) -> Callable[[bytes], list[bytes]]:
    """Tell a time that is `offset` seconds ahead."""

    def answer(data: bytes) -> list[bytes]:
        now = ntp_stamp(datetime.now(UTC).timestamp() + offset)
        head = struct.pack("!BBbbII4s", leap << 6 | 0x24, stratum, 6, -20, 0, 0, b"RATE")
        return [head + struct.pack("!Q", now) + data[40:48] + struct.pack("!2Q", now, now)]

    return answer


def reflector(*, drop: Callable[[int], bool] = lambda _: False) -> Callable[[bytes], list[bytes]]:
    """Reflect STAMP packets statelessly, dropping some by their number."""

    def answer(data: bytes) -> list[bytes]:
        number, stamp, error = struct.unpack_from("!IQH", data)
        if drop(number):
            return []
        now = ntp_stamp(datetime.now(UTC).timestamp())
        reply = struct.pack("!IQH2xQIQH2xB3x", number, now, 1, now, number, stamp, error, 64)
        return [reply.ljust(len(data), b"\0")]

    return answer


def registrar(
    *, contacts: int = 1, password: str = SECRET, open_to_all: bool = False
) -> Callable[[bytes], list[bytes]]:
    """Answer REGISTER: ask for a digest, and list contacts to who has it."""

    def answer(data: bytes) -> list[bytes]:
        text = data.decode()
        kept = [
            line
            for line in text.split("\r\n")
            if line.split(":")[0] in {"Via", "From", "To", "Call-ID", "CSeq"}
        ]
        found = re.search(r'response="([0-9a-f]+)"', text)
        if open_to_all or (found and found[1] == _expected(text, password)):
            lines = [f"Contact: <sip:c{n}@192.0.2.1>" for n in range(contacts)]
            return [_sip("200 OK", kept + lines)]
        challenge = (
            'WWW-Authenticate: Digest realm="tinh", nonce="n1", qop="auth", algorithm=SHA-256'
        )
        return [_sip("401 Unauthorized", [*kept, challenge])]

    return answer


def _expected(text: str, password: str) -> str:
    def digest(value: str) -> str:
        return hashlib.sha256(value.encode()).hexdigest()

    line = next(line for line in text.split("\r\n") if line.startswith("Authorization:"))
    fields = dict(re.findall(r'(\w+)="?([^",]+)"?', line))
    first = digest(f"{fields['username']}:tinh:{password}")
    second = digest(f"REGISTER:{fields['uri']}")
    return digest(f"{first}:n1:00000001:{fields['cnonce']}:auth:{second}")


def _sip(status: str, lines: list[str]) -> bytes:
    return ("\r\n".join([f"SIP/2.0 {status}", *lines, "Content-Length: 0"]) + "\r\n\r\n").encode()


@dataclass(frozen=True)
class Authority:
    """A certificate authority made for one test."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def new(cls, name: str = "Tinh CA") -> Authority:
        """Make one."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=365))
            .sign(key, hashes.SHA256())
        )
        return cls(made, key)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def server(
        self, path: Path, *, days: int = 90, extra: list[x509.ExtensionType] | None = None
    ) -> tuple[ssl.SSLContext, x509.Certificate]:
        """Return a server's context and its certificate for 127.0.0.1."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "portal.test")])
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder(
                self.certificate.subject, name, key.public_key(), x509.random_serial_number()
            )
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(LOCAL))]), False)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=days))
        )
        for one in extra or []:
            builder = builder.add_extension(one, False)
        made = builder.sign(self.key, hashes.SHA256())
        pem = serialization.Encoding.PEM
        form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        path.write_bytes(key.private_bytes(pem, *form) + made.public_bytes(pem) + self.pem.encode())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context, made

    def revoked(self, *serials: int, hours: int = 24) -> bytes:
        """Return a revocation list (DER) that holds for `hours`."""
        now = datetime.now(UTC)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now - timedelta(hours=48))
            .next_update(now + timedelta(hours=hours))
        )
        for serial in serials:
            entry = x509.RevokedCertificateBuilder(serial, now - timedelta(hours=50)).build()
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
