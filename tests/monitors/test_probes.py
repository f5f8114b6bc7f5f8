from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hatang.errors import Reason
from hatang.secrets import Credential
from monitors.choices import Cause, State
from monitors.probes import http, running
from monitors.probes.registry import PROBES
from monitors.probes.result import Means, no_credential
from monitors.service_watch import judge
from monitors.targets import ServiceTarget
from tests.monitors.fakes import FakeDevice, FakeNetwork, FakeSip

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from monitors.probes.running import ProbeResult

LOCAL = "127.0.0.1"


def means(device: FakeDevice | None = None, sip: int = 200) -> Means:
    network = FakeNetwork({LOCAL: device or FakeDevice()})
    return Means(
        network, FakeSip(sip), lambda _aim, _login: network.devices[LOCAL], credential=stored
    )


async def stored(name: str) -> Credential:
    return Credential(name, "snmpv2c", {"community": "not-public"})


async def ask(
    probe: str, url: str, with_means: Means | None = None, **options: object
) -> ProbeResult:
    told = PROBES[probe].options.model_validate(options)
    target = ServiceTarget("s", probe, url, options=told)
    found = with_means or means()
    return await running.run(target, found, timeout_seconds=0.5, allow_local=True)


def says(text: bytes) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()
        await reader.read(1000)
        writer.close()

    return handle


@asynccontextmanager
async def served(text: bytes, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    server = await asyncio.start_server(says(text), LOCAL, 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


class NameServer(asyncio.DatagramProtocol):
    def __init__(self, code: int) -> None:
        self.code = code

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.transport.sendto(data[:2] + bytes([0x81, 0x80 | self.code]) + data[4:], addr)


@asynccontextmanager
async def name_server(code: int) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: NameServer(code), local_addr=(LOCAL, 0)
    )
    yield transport.get_extra_info("sockname")[1]
    transport.close()


def certificate(path: Path, days: int) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "portal.test")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(LOCAL))]), False)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(key.private_bytes(pem, *form) + signed.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


OK_URLS = {
    "ping": f"ping://{LOCAL}",
    "snmp": f"snmp://{LOCAL}",
    "sip_options": f"sip:room@{LOCAL}:5060",
}
SERVERS = {
    "tcp": ("tcp", b""),
    "smtp": ("smtp", b"220 mail.test ESMTP\r\n"),
    "http": ("http", b"HTTP/1.1 200 OK\r\n\r\n"),
}


async def healthy(probe: str) -> ProbeResult:
    if probe in OK_URLS:
        return await ask(probe, OK_URLS[probe])
    if probe == "dns":
        async with name_server(0) as port:
            return await ask(probe, f"dns://{LOCAL}:{port}/tinh.test")
    scheme, text = SERVERS[probe]
    async with served(text) as port:
        return await ask(probe, f"{scheme}://{LOCAL}:{port}")


@pytest.mark.parametrize("probe", sorted(PROBES))
def test_every_probe_finds_a_healthy_service_good(probe: str) -> None:
    result = asyncio.run(healthy(probe))
    assert (result.reason, judge(result).state) == (Reason.OK, State.GOOD)


@pytest.mark.parametrize("probe", sorted(PROBES))
def test_every_probe_says_why_a_dead_service_is_bad(probe: str) -> None:
    dead = means(FakeDevice(echo=False, agent=False), sip=503)
    scheme = {"sip_options": "sip"}.get(probe, probe)
    result = asyncio.run(ask(probe, f"{scheme}://{LOCAL}:1", dead))
    assert result.reason in {Reason.REFUSED, Reason.TIMEOUT, Reason.REJECTED}
    assert judge(result).state is State.BAD


@pytest.mark.parametrize("probe", sorted(PROBES))
def test_no_probe_looks_into_the_machine_that_probes(probe: str) -> None:
    target = ServiceTarget("s", probe, f"{probe}://{LOCAL}:80")
    result = asyncio.run(running.run(target, means(), timeout_seconds=0.5))
    assert result.reason is Reason.REJECTED


@pytest.mark.parametrize("text", [b"HTTP/1.1 500 No\r\n\r\n", b"SSH-2.0-x\r\n", b"\xff" * 100])
def test_a_web_server_that_fails_or_is_none_is_bad(text: bytes) -> None:
    async def run() -> ProbeResult:
        async with served(text) as port:
            return await ask("http", f"http://{LOCAL}:{port}/")

    assert judge(asyncio.run(run())).state is State.BAD


def test_a_certificate_nobody_trusts_degrades_a_server_that_serves(tmp_path: Path) -> None:
    context = certificate(tmp_path / "pem", days=90)

    async def run() -> ProbeResult:
        async with served(b"HTTP/1.1 200 OK\r\n\r\n", context) as port:
            return await ask("http", f"https://{LOCAL}:{port}/")

    result = asyncio.run(run())
    assert judge(result).state is State.DEGRADED
    assert result.cause is Cause.CERTIFICATE_INVALID
    ends = datetime.fromtimestamp(result.values["probe_ssl_earliest_cert_expiry"], UTC)
    assert 88 <= (ends - datetime.now(UTC)).days <= 90


def test_a_certificate_of_the_provinces_own_authority_is_good(tmp_path: Path) -> None:
    context = certificate(tmp_path / "pem", days=90)
    text = (tmp_path / "pem").read_text()
    own = text[text.index("-----BEGIN CERTIFICATE") :].split("-----END CERTIFICATE-----")[0]
    trusting = replace(means(), authorities=f"{own}-----END CERTIFICATE-----\n")

    async def run() -> ProbeResult:
        async with served(b"HTTP/1.1 200 OK\r\n\r\n", context) as port:
            return await ask("http", f"https://{LOCAL}:{port}/", trusting)

    assert judge(asyncio.run(run())).state is State.GOOD


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        ("tinh.test", 3, Reason.OK),
        ("tinh.test", 2, Reason.REJECTED),
        ("tinh.test", 5, Reason.REJECTED),
        ("", 5, Reason.OK),
        ("", 2, Reason.REJECTED),
    ],
)
def test_a_name_server_is_judged_by_what_it_was_asked(name: str, code: int, reason: Reason) -> None:
    async def run() -> ProbeResult:
        async with name_server(code) as port:
            return await ask("dns", f"dns://{LOCAL}:{port}/{name}")

    assert asyncio.run(run()).reason is reason


def test_a_probe_that_cannot_be_made_says_nothing_about_the_service() -> None:
    without = replace(means(), credential=no_credential)
    result = asyncio.run(ask("snmp", f"snmp://{LOCAL}", without))
    assert judge(result).state is State.UNKNOWN


def test_authorities_are_read_once_and_not_beside_every_poll() -> None:
    assert http._trusting("") is http._trusting("")
