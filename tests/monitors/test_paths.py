"""The sender of many ways at once against the one-file reflector, over loopback."""

from __future__ import annotations

import asyncio
import ipaddress
import runpy
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.paths import Measured, Sending, jitter, measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FILE = Path(__file__).parents[2] / "deploy" / "reflector" / "hatang-reflector.py"
PARTS = runpy.run_path(str(FILE), run_name="reflector")

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


class Running:
    """The reflector in a thread; `drop` and `remark` spoil the way to it."""

    def __init__(self) -> None:
        self.sock: socket.socket = PARTS["listen"]("127.0.0.1:0")
        self.sock.settimeout(0.05)
        self.reflector: Any = PARTS["Reflector"](LOOPBACK, 100_000)
        self.drop: Callable[[int], bool] = lambda _number: False
        self.remark: int | None = None
        self.over = False
        self.seen = 0
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"stamp://127.0.0.1:{self.sock.getsockname()[1]}"

    def run(self) -> None:
        while not self.over:
            try:
                data, notes, _, peer = self.sock.recvmsg(2048, 256)
            except TimeoutError:
                continue
            number, self.seen = self.seen, self.seen + 1
            if self.drop(number):
                continue
            if self.remark is not None:
                notes = [(socket.IPPROTO_IP, socket.IP_TOS, bytes([self.remark << 2]))]
            found = self.reflector.reflect(data, notes, peer, time.time())
            if found:
                PARTS["send"](self.sock, *found, peer)

    def stop(self) -> None:
        self.over = True
        self.thread.join()
        self.sock.close()


@pytest.fixture
def reflector() -> Iterator[Running]:
    running = Running()
    yield running
    running.stop()


def sent(url: str, count: int = 20) -> Measured:
    sending = Sending("one", url, count, 0.001)
    return asyncio.run(measure([sending], allow_local=True))["one"]


def test_all_that_was_sent_comes_back_in_its_class(reflector: Running) -> None:
    found = sent(reflector.url)
    assert (found.sent, found.received, found.dscp_there) == (20, 20, (34,))


def test_what_is_dropped_is_counted_with_its_longest_run(reflector: Running) -> None:
    reflector.drop = lambda number: 5 <= number < 9
    found = sent(reflector.url)
    assert found.received == 16
    assert found.longest_gap_seconds == pytest.approx(0.004)


def test_a_class_that_was_changed_on_the_way_is_told(reflector: Running) -> None:
    reflector.remark = 0
    assert sent(reflector.url).dscp_there == (0,)


def test_a_reflector_answers_only_whom_it_is_told_to(reflector: Running) -> None:
    reflector.reflector.allowed = []
    assert sent(reflector.url, 2).received == 0


def test_nothing_that_is_no_test_packet_is_answered() -> None:
    made = PARTS["Reflector"](LOOPBACK, 10)
    assert made.reflect(b"\0" * 43, [], ("127.0.0.1", 40000), 0.0) is None


def test_another_reflector_is_not_answered_lest_the_two_never_end() -> None:
    made = PARTS["Reflector"](LOOPBACK, 10, 2862)
    packet = bytes(44)
    answers = [made.reflect(packet, [], ("127.0.0.1", port), 0.0) for port in (862, 2862, 40000)]
    assert [answer is not None for answer in answers] == [False, False, True]


def test_strangers_use_up_nothing_of_the_rate() -> None:
    made = PARTS["Reflector"](LOOPBACK, 2)
    for _ in range(5):
        assert made.reflect(bytes(44), [], ("10.0.0.9", 40000), 0.0) is None
    assert made.reflect(bytes(44), [], ("127.0.0.1", 40000), 0.0) is not None


def test_a_closed_port_spoils_no_other(reflector: Running) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        closed = f"stamp://127.0.0.1:{free.getsockname()[1]}"
    sendings = [Sending("bad", closed, 3, 0.001), Sending("good", reflector.url, 3, 0.001)]
    found = asyncio.run(measure(sendings, allow_local=True))
    assert (found["bad"].received, found["good"].received) == (0, 3)


def test_this_machine_is_not_measured_unless_allowed() -> None:
    found = asyncio.run(measure([Sending("one", "stamp://127.0.0.1:862", 2, 0.001)]))
    assert found["one"] == Measured(0, reason="rejected")


@given(st.binary(max_size=120))
def test_whatever_arrives_the_reflector_answers_no_more_than_it_got(data: bytes) -> None:
    made = PARTS["Reflector"](LOOPBACK, 10**9)
    found = made.reflect(data, [], ("127.0.0.1", 40000), 0.0)
    assert found is None or len(found[0]) <= len(data)


def test_jitter_is_that_of_rfc_3550() -> None:
    assert jitter([0.0, 0.016, 0.016]) == pytest.approx(0.001)
