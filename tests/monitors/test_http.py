from __future__ import annotations

import asyncio

import pytest

from monitors.exporter.door import SnmpDoor
from monitors.exposition import Exposition
from monitors.http import MetricsServer
from tests.monitors.fakes import FakeDevice
from tests.monitors.running import loop_over, targets


async def send(server: MetricsServer, request: bytes) -> bytes:
    listening = await server.start("127.0.0.1", 0)
    async with listening:
        reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
        writer.write(request)
        await writer.drain()
        answer = await reader.read()
        writer.close()
    return answer


def served() -> MetricsServer:
    exposition = Exposition()
    exposition.put("a", {"hatang_device_up": "hatang_device_up 1\n"})
    return MetricsServer(exposition)


def test_a_shard_is_served_as_prometheus_text() -> None:
    request = b"GET /metrics/shard/0?of=1 HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = asyncio.run(send(served(), request))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"version=0.0.4" in head
    assert f"Content-Length: {len(body)}".encode() in head
    assert body.endswith(b"hatang_device_up 1\n")


def test_the_process_tells_about_itself() -> None:
    body = served().answer("GET", "/metrics").body
    assert b"hatang_monitor_poll_lateness_seconds" in body


MISSING = (
    "/",
    "/metrics/shard/1?of=1",
    "/metrics/shard/-1",
    "/metrics/shard/x",
    "/metrics/shard/0?of=0",
    "/metrics/shard/0?of=99999999",
    "/metrics/shard/²",
    "/metrics/../shard/0",
)


@pytest.mark.parametrize("path", MISSING)
def test_what_does_not_exist_is_not_found(path: str) -> None:
    assert served().answer("GET", path).status == 404


def test_with_a_token_only_its_holder_reads() -> None:
    server = MetricsServer(Exposition(), token="s3cret")
    assert server.answer("GET", "/metrics").status == 401
    assert server.answer("GET", "/metrics", {"authorization": "Bearer wrong"}).status == 401
    assert server.answer("GET", "/metrics", {"authorization": "Bearer s3cret"}).status == 200
    assert server.answer("GET", "/healthz").status == 200


@pytest.mark.parametrize("request_", [b"\r\n\r\n", b"GET /metrics\r\n\r\n", b"\xff\xfe\r\n\r\n"])
def test_what_is_no_request_is_refused(request_: bytes) -> None:
    assert asyncio.run(send(served(), request_)).startswith(b"HTTP/1.1 400 ")


def test_a_head_without_end_is_cut_off() -> None:
    assert asyncio.run(send(served(), b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 10_000)) == b""


def asked(path: str, device: FakeDevice | None = None, token: str = "") -> tuple[int, str]:
    """Return status and body of a question to a monitor that watches core-1."""

    async def run() -> tuple[int, str]:
        loop = loop_over(("core-1", device or FakeDevice().ports(2)))
        await loop.apply(targets("core-1"))
        exposition = Exposition()
        server = MetricsServer(exposition, token, SnmpDoor(loop, exposition))
        reply = await server.reply("GET", path)
        return reply.status, reply.body.decode()

    return asyncio.run(run())


@pytest.mark.parametrize("whom", ["core-1", "key-core-1"])
def test_a_watched_device_is_read_now_without_labels_of_ours(whom: str) -> None:
    status, page = asked(f"/snmp?target={whom}&module=if_mib")
    assert status == 200
    assert '\nifHCInOctets{ifAlias="",ifDescr="",ifIndex="1",ifName="eth1"} 1000\n' in page
    assert "instance=" not in page
    assert "hatang_device_up" not in page


def test_a_definition_shows_every_object_and_what_reading_took() -> None:
    _, page = asked("/snmp?target=core-1&module=if_mib")
    assert "\nsysUpTime 1000\n" in page
    assert "\nsnmp_scrape_pdus_returned " in page


def test_a_module_of_hatang_s_own_is_read_where_no_definition_has_its_name() -> None:
    status, page = asked("/snmp?target=core-1&module=system")
    assert (status, "snmp_scrape" in page, "\nsysUpTime 1000\n" in page) == (200, False, True)


def test_several_modules_are_read_together_and_a_scalar_stands_alone() -> None:
    status, page = asked("/snmp?target=core-1&module=if_mib,system")
    assert (status, "\nsysUpTime 1000\n" in page) == (200, True)


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("target=10.9.9.9&module=if_mib", 404, "10.9.9.9 is no device"),
        ("module=if_mib", 400, "target is missing"),
        ("target=core-1&module=if_mib,nonsense", 400, "unknown module nonsense"),
    ],
)
def test_a_wrong_question_is_told_what_is_wrong(query: str, status: int, says: str) -> None:
    found, body = asked(f"/snmp?{query}")
    assert (found, says in body) == (status, True)


def test_an_agent_that_does_not_answer_is_no_empty_page() -> None:
    assert asked("/snmp?target=core-1", FakeDevice(agent=False))[0] == 502


def test_reading_a_device_needs_the_token_too() -> None:
    assert asked("/snmp?target=core-1", token="s3cret")[0] == 401
