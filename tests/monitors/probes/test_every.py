"""What every probe of the registry must do: find good good, dead bad, and survive the hostile."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from hatang.errors import Reason
from monitors.choices import BROKEN, SEVERITY, Cause, State
from monitors.exposition import OWN
from monitors.probes import running
from monitors.probes.aim import take
from monitors.probes.registry import PROBES
from monitors.service_watch import judge
from monitors.targets import ServiceTarget
from tests.monitors.fakes import FakeDevice
from tests.monitors.probes import mysqlserver, servers
from tests.monitors.probes.servers import LOCAL, answers, ask, hearing, listening, means, page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from monitors.probes.running import ProbeResult

SMTP = {b"EHLO": b"250 mail.test\r\n", b"QUIT": b"221 bye\r\n"}
IMAP = {
    b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\na1 OK done\r\n",
    b"LOGOUT": b"* BYE\r\na4 OK done\r\n",
}
# These have real servers in tests of their own; in process there is none.
ELSEWHERE = {"ssh", "postgresql"}
STREAMS = {"http", "imap", "mysql", "revocation", "smtp", "ssh", "postgresql"}
DATAGRAMS = {"dns", "ntp", "sip_register", "stamp"}
NEEDED: dict[str, dict[str, Any]] = {
    "mysql": {"credential": "login"},
    "postgresql": {"credential": "login"},
    "sla": {"test": "1", "credential": "agent"},
    "snmp": {"credential": "agent"},
    "sip_register": {"credential": "login"},
}
SLA = {
    "1.3.6.1.4.1.9.9.42.1.5.2.1.1.1": 100,
    "1.3.6.1.4.1.9.9.42.1.5.2.1.2.1": 1200,
    "1.3.6.1.4.1.9.9.42.1.5.2.1.31.1": 1,
}


@asynccontextmanager
async def healthy(probe: str, tmp_path: Path) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Yield the address of a healthy service for `probe`, and the options it needs."""
    told = NEEDED.get(probe, {})
    authority = servers.Authority.new()
    streams = {
        "http": (page(b"ok"), "http://{}/"),
        "imap": (answers(b"* OK ready\r\n", IMAP), "imap://{}"),
        "mysql": (mysqlserver.serving(), "mysql://{}"),
        "revocation": (page(authority.revoked()), "http://{}/ca.crl"),
        "smtp": (answers(b"220 mail.test ESMTP\r\n", SMTP), "smtp://{}"),
        "tcp": (page(), "tcp://{}"),
    }
    datagrams: dict[str, tuple[Callable[[bytes], list[bytes]], str]] = {
        "dns": (servers.Zone([servers.soa(1)]), "dns://{}/tinh.test"),
        "ntp": (servers.time_server(), "ntp://{}"),
        "sip_register": (servers.registrar(), "sip:room-1@{}"),
        "stamp": (servers.reflector(), "stamp://{}"),
    }
    if probe in streams:
        handle, url = streams[probe]
        if probe == "revocation":
            told = {"issuer": authority.pem}
        async with listening(handle) as port:
            yield url.format(f"{LOCAL}:{port}"), told
    elif probe in datagrams:
        answer, url = datagrams[probe]
        async with hearing(answer) as port:
            yield url.format(f"{LOCAL}:{port}"), told
    elif probe in {"backup", "feed"}:
        (tmp_path / "last").write_text("x")
        yield "", {"file": str(tmp_path / "la*")}
    elif probe in {"journey", "reach"}:
        async with listening(page(b"ok")) as port:
            url = f"http://{LOCAL}:{port}/"
            steps = [{"name": "start", "get": url, "contains": "ok"}]
            groups = {"domestic": [url], "international": [f"tcp://{LOCAL}:{port}"]}
            yield "", ({"steps": steps} if probe == "journey" else groups)
    else:
        yield f"{PROBES[probe].schemes[0]}://{LOCAL}", told


@pytest.mark.parametrize("probe", sorted(PROBES.keys() - ELSEWHERE))
def test_every_probe_finds_a_healthy_service_good(probe: str, tmp_path: Path) -> None:
    async def run() -> ProbeResult:
        with_means = means(FakeDevice(scalars=dict(SLA) | FakeDevice().scalars))
        async with healthy(probe, tmp_path) as (url, told):
            sent = url.replace("sip://", "sip:")
            return await ask(probe, sent, with_means, timeout=5.0, **told)

    result = asyncio.run(run())
    assert (judge(result).state, result.detail) == (State.GOOD, result.detail)
    assert {name.partition("{")[0] for name in result.values} <= OWN.keys()


@pytest.mark.slow
@pytest.mark.parametrize("probe", sorted(name for name in PROBES if not PROBES[name].aims_itself))
def test_every_probe_says_why_a_dead_service_is_bad(probe: str) -> None:
    dead = means(FakeDevice(echo=False, agent=False), sip=503)
    scheme = {"sip_options": "sip", "sip_register": "sip"}.get(probe, PROBES[probe].schemes[-1])
    told = NEEDED.get(probe, {})
    result = asyncio.run(ask(probe, f"{scheme}://{LOCAL}:1", dead, timeout=0.5, **told))
    assert judge(result).state is State.BAD, result.detail
    assert result.reason in {Reason.REFUSED, Reason.TIMEOUT, Reason.REJECTED}


@pytest.mark.parametrize("probe", sorted(name for name in PROBES if not PROBES[name].aims_itself))
@pytest.mark.parametrize("host", [LOCAL, "[::1]", "[::ffff:127.0.0.1]", "169.254.1.1", "0.0.0.0"])
def test_no_probe_looks_into_the_machine_that_probes(probe: str, host: str) -> None:
    told = PROBES[probe].options.model_validate(NEEDED.get(probe, {}))
    target = ServiceTarget("s", probe, f"{PROBES[probe].schemes[0]}://{host}:80", options=told)
    result = asyncio.run(running.run(target, means(), timeout_seconds=0.5))
    assert result.reason is Reason.REJECTED
    assert "of this machine or of no machine" in result.detail


def test_what_a_probe_that_aims_itself_asks_is_under_the_same_rule() -> None:
    inside = f"http://{LOCAL}:80/"
    for probe, told in (
        ("journey", {"steps": [{"name": "a", "get": inside}]}),
        ("reach", {"domestic": [inside], "international": [inside]}),
    ):
        options = PROBES[probe].options.model_validate(told)
        target = ServiceTarget("s", probe, "", options=options)
        result = asyncio.run(running.run(target, means(), timeout_seconds=0.5))
        assert result.reason is Reason.REJECTED
    target = ServiceTarget("s", "backup", inside)
    result = asyncio.run(running.run(target, means(), timeout_seconds=0.5))
    assert result.reason is Reason.REJECTED


def test_an_address_is_taken_as_it_stands_and_asked_of_no_resolver(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def run() -> str:
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "getaddrinfo", lambda *_, **__: pytest.fail("was resolved"))
        return (await take("ping://192.0.2.7")).address

    assert asyncio.run(run()) == "192.0.2.7"


async def _flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"220" + b"A" * 65_536)
        await writer.drain()


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"2")
        await writer.drain()
        await asyncio.sleep(0.05)


async def _garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(os.urandom(2000) + b"\r\n")
    await writer.drain()
    await reader.read(1000)


async def _silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100_000)
    await asyncio.sleep(60)


@pytest.mark.slow
@pytest.mark.parametrize("hostile", [_flood, _drip, _garbage, _silence], ids=lambda f: f.__name__)
@pytest.mark.parametrize("probe", sorted(STREAMS - {"postgresql", "ssh"}))
def test_a_hostile_server_is_bad_with_a_reason_and_in_time(probe: str, hostile: Any) -> None:
    async def run() -> ProbeResult:
        async with listening(hostile) as port, asyncio.timeout(5):
            scheme = {"http": "http", "imap": "imap"}.get(probe, PROBES[probe].schemes[0])
            url = f"{scheme}://{LOCAL}:{port}"
            told = NEEDED.get(probe, {})
            return await ask(probe, url, timeout=0.3, **told)

    result = asyncio.run(run())
    assert judge(result).state is State.BAD, result
    assert result.reason in {Reason.PROTOCOL_ERROR, Reason.TIMEOUT}


@pytest.mark.slow
@pytest.mark.parametrize("probe", sorted(DATAGRAMS))
@pytest.mark.parametrize("size", [0, 1, 12, 48, 2000])
def test_datagrams_of_garbage_are_not_taken_for_an_answer(probe: str, size: int) -> None:
    async def run() -> ProbeResult:
        async with hearing(lambda _: [os.urandom(size)]) as port:
            url = f"{PROBES[probe].schemes[0]}://{LOCAL}:{port}/x".replace("sip://", "sip:x@")
            return await ask(probe, url.removesuffix("/x"), timeout=0.2, **NEEDED.get(probe, {}))

    result = asyncio.run(run())
    assert judge(result).state is State.BAD
    assert result.reason in {Reason.TIMEOUT, Reason.PROTOCOL_ERROR}


def test_a_cause_that_is_broken_is_bad_and_any_other_only_degraded() -> None:
    for cause in Cause:
        result = running.ProbeResult(Reason.OK, 0.1, cause)
        expected = State.BAD if cause in BROKEN else State.DEGRADED
        if cause is Cause.ANSWERED:
            expected = State.GOOD
        assert judge(result).state is expected
    assert State.BAD in SEVERITY
