from __future__ import annotations

import asyncio

import pytest

from monitors.exposition import Exposition
from monitors.http import MetricsServer


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
