"""Echo requests; TEST-NET addresses are never sent to, loopback answers."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import pytest

from hatang.drivers import echo, icmp
from hatang.drivers.icmp import IcmpPinger
from hatang.errors import DriverError, InvalidInputError, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from hatang.drivers.protocols import PingResult

T = TypeVar("T")


def _allowed(asked: Coroutine[None, None, T]) -> T:
    try:
        return asyncio.run(asked)
    except PermissionError:
        pytest.skip("this process may not send echo requests")
    except DriverError as error:
        if error.reason is Reason.NOT_SUPPORTED:
            pytest.skip("this process may not send echo requests")
        raise


def _ping(*addresses: str) -> dict[str, PingResult]:
    return _allowed(IcmpPinger().ping(addresses, count=2, timeout_seconds=0.5))


def test_many_addresses_are_asked_at_once() -> None:
    addresses = [f"127.0.0.{last}" for last in range(1, 51)]
    found = _ping(*addresses)
    assert list(found) == addresses
    for result in found.values():
        assert (result.sent, result.received, result.loss_ratio) == (2, 2, 0.0)
        assert result.rtt_seconds is not None
        assert 0 < result.rtt_seconds < 0.5


@pytest.mark.slow
def test_no_reply_is_no_time_and_all_lost() -> None:
    # A link-local address without a zone can be sent nowhere.
    result = _ping("fe80::1", "127.0.0.1")["fe80::1"]
    assert (result.received, result.rtt_seconds) == (0, None)
    assert result.loss_ratio in {1.0, None}


def test_names_are_refused_all_at_once() -> None:
    with pytest.raises(InvalidInputError) as caught:
        asyncio.run(IcmpPinger().ping(["127.0.0.1", "core-1", "10.0.0.256"]))
    assert [problem.value for problem in caught.value.problems] == ["core-1", "10.0.0.256"]


def test_nothing_asked_is_nothing_done() -> None:
    assert asyncio.run(IcmpPinger().ping([])) == {}


def test_callers_at_the_same_time_share_one_socket_and_are_all_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(icmp, "IDLE_SECONDS", 600.0)  # it is still there when they are counted
    addresses = [f"127.0.{third}.{last}" for third in range(8) for last in range(1, 251)]

    async def run() -> tuple[int, int]:
        pinger = IcmpPinger()
        calls = (pinger.ping([address], count=1, timeout_seconds=5) for address in addresses)
        found = await asyncio.gather(*calls)
        return sum(result.received for part in found for result in part.values()), len(
            pinger._sockets
        )

    assert _allowed(run()) == (len(addresses), 1)


def test_both_families_are_asked_in_one_call() -> None:
    found = _ping("127.0.0.1", "::1")
    if found["::1"].sent == 0:
        pytest.skip("this host has no IPv6")
    assert {address: result.received for address, result in found.items()} == {
        "127.0.0.1": 2,
        "::1": 2,
    }


def test_an_address_written_in_two_ways_is_one_and_answers_under_both() -> None:
    found = _ping("::1", "0:0:0:0:0:0:0:1")
    if found["::1"].sent == 0:
        pytest.skip("this host has no IPv6")
    assert [result.received for result in found.values()] == [2, 2]


def test_the_checksum_is_that_of_the_internet() -> None:
    # RFC 1071, 3: the words 0001 f203 f4f5 f6f7 add up to ddf2.
    assert echo.checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF - 0xDDF2
    assert echo.checksum(b"\x01") == 0xFFFF - 0x0100


@dataclass
class Heard:
    """What a socket hears about one request to 192.0.2.1, given by hand."""

    shared: echo.EchoSocket
    batch: echo.Batch
    number: int

    def reply(self, source: str = "192.0.2.1", *, secret: bytes = echo._SECRET) -> None:
        self.hear(bytes([0, 0, 0, 0, 0, 0, 0, 0]) + self.body(secret), source)

    def unreachable(self, source: str = "198.51.100.1", *, quoted: int = 1000) -> None:
        request = bytes([0x45]) + bytes(19) + bytes(8) + self.body(echo._SECRET)
        self.hear(bytes([3, 1, 0, 0, 0, 0, 0, 0]) + request[:quoted], source)

    def body(self, secret: bytes) -> bytes:
        return secret + self.number.to_bytes(8, "big")

    def hear(self, message: bytes, source: str) -> None:
        head = bytes([0x45]) + bytes(19) if self.shared._has_ip_header else b""
        self.shared._take(head + message, source, self.batch.last_sent + 0.25)


async def _hearing(act: Callable[[Heard], None]) -> echo.Batch:
    shared = echo.EchoSocket(socket.AF_INET)
    finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    batch = echo.Batch(1, 1.0, finished)
    # Nothing leaves: the request is entered as if it had been sent.
    number = 7
    shared._requests[number] = echo._Request("192.0.2.1", batch, batch.last_sent)
    act(Heard(shared, batch, number))
    shared.close()
    return batch


def test_a_reply_is_counted_once_however_often_it_comes() -> None:
    def twice(heard: Heard) -> None:
        heard.reply()
        heard.reply()

    batch = _allowed(_hearing(twice))
    assert (batch.rtts, batch.finished.done()) == ({"192.0.2.1": [0.25]}, True)


@pytest.mark.parametrize(
    "act",
    [
        lambda heard: heard.reply("198.51.100.9"),
        lambda heard: heard.reply(secret=b"somebody"),
        lambda heard: heard.unreachable(quoted=28),
        lambda heard: heard.hear(b"", "192.0.2.1"),
        lambda heard: heard.hear(b"\3", "192.0.2.1"),
        lambda heard: heard.hear(bytes(9), "192.0.2.1"),
    ],
)
def test_what_is_no_reply_to_us_changes_nothing(act: Callable[[Heard], None]) -> None:
    batch = _allowed(_hearing(act))
    assert (batch.rtts, batch.finished.done()) == ({}, False)


def test_an_error_about_a_request_ends_the_wait_without_a_reply() -> None:
    batch = _allowed(_hearing(lambda heard: heard.unreachable()))
    assert (batch.rtts, batch.finished.done()) == ({}, True)
