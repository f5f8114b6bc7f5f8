"""What an asynchronous client does with a connection: kept, closed by the server, or spoilt."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from hatang.drivers.addresses import AddressRule
from hatang.drivers.http import HttpOptions, open_async_http
from hatang.errors import DriverError, Reason

if TYPE_CHECKING:
    from collections.abc import Callable

LAB = HttpOptions(addresses=AddressRule(lab=True), timeout_seconds=0.5)
LATER = b"|later|"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"


async def asked(serve: Callable[[int, int], bytes | None], times: int) -> tuple[list[str], int]:
    """Return what `times` requests got and over how many connections.

    `serve` gives what is sent on connection `n` for its request `m`; None closes it, silently,
    and what stands behind LATER comes a moment after the rest.
    """
    opened = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        connection, number = opened, 0
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            number += 1
            told = serve(connection, number)
            if told is None:
                break
            first, _, later = told.partition(LATER)
            writer.write(first)
            if later:
                await asyncio.sleep(0.01)
                writer.write(later)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    got = []
    async with server, open_async_http(url, LAB) as client:
        for _ in range(times):
            got.append((await client.get("/")).text)
            await asyncio.sleep(0.05)  # what the server sends unasked or closes has to arrive
    return got, opened


def test_a_connection_is_kept_for_the_next_request() -> None:
    assert asyncio.run(asked(lambda _, n: ANSWER + b"%02d" % n, 3)) == (["01", "02", "03"], 1)


def test_a_connection_that_the_server_closed_is_opened_anew() -> None:
    def serve(_: int, number: int) -> bytes | None:
        return b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"

    assert asyncio.run(asked(serve, 2)) == (["ok", "ok"], 2)


def test_what_comes_unasked_answers_no_request() -> None:
    def serve(connection: int, _: int) -> bytes:
        forged = LATER + ANSWER + b"no" if connection == 1 else b""
        return ANSWER + b"ok" + forged

    assert asyncio.run(asked(serve, 2)) == (["ok", "ok"], 2)


@pytest.mark.parametrize(
    ("told", "reason"),
    [(None, Reason.PROTOCOL_ERROR), (b"", Reason.TIMEOUT), (ANSWER + b"o", Reason.TIMEOUT)],
)
def test_half_an_answer_is_none(told: bytes | None, reason: Reason) -> None:
    with pytest.raises(DriverError) as caught:
        asyncio.run(asked(lambda _connection, _number: told, 1))
    assert caught.value.reason is reason
