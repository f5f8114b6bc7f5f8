"""Echo requests and replies on one socket of an address family (RFC 792, RFC 4443).

A raw socket is given every reply that reaches the host: one socket a request makes N requests in
flight cost N² wake-ups. So all requests share one, and a reply is found by the number in it.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hatang import clock

if TYPE_CHECKING:
    from collections.abc import Iterable

# linux/icmp.h, linux/icmpv6.h and asm-generic/socket.h; Python names none of them.
_SOL_RAW: Final = 255
_ICMP_FILTER: Final = 1
_ICMP6_FILTER: Final = 1
_SO_RCVBUFFORCE: Final = 33
_SO_TIMESTAMPNS: Final = 35
_RECEIVE_BYTES: Final = 8 << 20
_TIMESPEC: Final = struct.Struct("@ll")
_MAX_PACKET: Final = 2048
_TOO_FULL_SECONDS: Final = 0.01
# Replies of the own host arrive while requests are being sent: take them before they pile up.
_BATCH: Final = 64
_SECRET: Final = secrets.token_bytes(8)
_NUMBER: Final = struct.Struct("!Q")
_HEADER: Final = struct.Struct("!BBHHH")
_PADDING: Final = b"hatang echo 2026"
_PAYLOAD_BYTES: Final = len(_SECRET) + _NUMBER.size


@dataclass(frozen=True, slots=True)
class Kinds:
    """The message types of one family, and where an error quotes the request it is about."""

    request: int
    reply: int
    errors: frozenset[int]


V4: Final = Kinds(8, 0, frozenset({3, 11}))
V6: Final = Kinds(128, 129, frozenset({1, 3}))
_IPV6_HEADER: Final = 40
_ICMP_HEADER: Final = 8


@dataclass(slots=True)
class Batch:
    """The requests of one caller: what was sent, and after how many seconds each was answered."""

    waits_for: int
    timeout_seconds: float
    finished: asyncio.Future[None]
    sent: dict[str, int] = field(default_factory=dict)
    rtts: dict[str, list[float]] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    unsent: int = 0
    last_sent: float = 0.0
    timer: asyncio.TimerHandle | None = None

    def settle(self, count: int = 1) -> None:
        """Take note that `count` requests need not be waited for any more."""
        self.waits_for -= count
        if self.waits_for <= 0 and not self.finished.done():
            self.finished.set_result(None)

    async def over(self) -> None:
        """Wait until every request is settled, or its time to be answered is over."""
        self._watch()
        try:
            await self.finished
        finally:
            if self.timer is not None:
                self.timer.cancel()

    def _watch(self) -> None:
        rest = self.last_sent + self.timeout_seconds - clock.monotonic()
        if self.unsent:
            rest = self.timeout_seconds
        if rest <= 0:
            self.settle(self.waits_for)
        else:
            self.timer = self.finished.get_loop().call_later(rest, self._watch)


@dataclass(slots=True)
class _Request:
    address: str
    batch: Batch
    sent_at: float = 0.0


class EchoSocket:
    """One socket of one family, for all who ask at the same time; belongs to one event loop.

    Raises:
        PermissionError: the process may open neither a raw nor a ping socket.
        OSError: the host does not have this family.
    """

    def __init__(self, family: socket.AddressFamily) -> None:
        self.users = 0
        self.loop = asyncio.get_running_loop()
        self._kinds = V4 if family is socket.AF_INET else V6
        self._socket, self._is_raw = _open(family)
        self._has_ip_header = self._is_raw and family is socket.AF_INET
        self._identifier = secrets.randbelow(1 << 16)
        self._next = secrets.randbelow(1 << 32)
        self._requests: dict[int, _Request] = {}
        self._queue: deque[int] = deque()
        self._is_pumping = False
        self.loop.add_reader(self._socket, self._drain)

    def close(self) -> None:
        """Let go of the socket; nobody may wait any more."""
        self.loop.remove_reader(self._socket)
        self._socket.close()

    def __del__(self) -> None:
        # The event loop may end before an idle socket was closed.
        if hasattr(self, "_socket"):
            self._socket.close()

    def ask(self, addresses: Iterable[str], batch: Batch) -> None:
        """Queue one request to each of `addresses`."""
        for address in addresses:
            number = self._next
            self._next += 1
            self._requests[number] = _Request(address, batch)
            batch.numbers.append(number)
            batch.unsent += 1
            self._queue.append(number)
        if not self._is_pumping:
            self._is_pumping = True
            self._pump()

    def forget(self, batch: Batch) -> None:
        """Wait for none of `batch` any more."""
        for number in batch.numbers:
            self._requests.pop(number, None)

    def _pump(self) -> None:
        for _ in range(min(_BATCH, len(self._queue))):
            if not self._send(self._queue[0]):
                self.loop.call_later(_TOO_FULL_SECONDS, self._pump)
                return
            self._queue.popleft()
        self._drain()
        if self._queue:
            self.loop.call_soon(self._pump)
        else:
            self._is_pumping = False

    def _send(self, number: int) -> bool:
        """Return False when the kernel takes nothing now."""
        request = self._requests.get(number)
        if request is None:
            return True
        batch = request.batch
        request.sent_at = batch.last_sent = clock.monotonic()
        try:
            self._socket.sendto(self._packet(number), (request.address, 0))
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            # There is no way to this address: not sent, and nothing to wait for.
            del self._requests[number]
            batch.settle()
        else:
            batch.sent[request.address] = batch.sent.get(request.address, 0) + 1
        batch.unsent -= 1
        return True

    def _packet(self, number: int) -> bytes:
        head = (self._kinds.request, 0, 0, self._identifier, number & 0xFFFF)
        body = _SECRET + _NUMBER.pack(number) + _PADDING
        packet = _HEADER.pack(*head) + body
        if self._kinds is V6 or not self._is_raw:
            return packet  # the kernel writes the checksum
        return packet[:2] + checksum(packet).to_bytes(2, "big") + packet[4:]

    def _drain(self) -> None:
        behind = clock.now().timestamp() - clock.monotonic()
        while True:
            try:
                data, more, _flags, source = self._socket.recvmsg(_MAX_PACKET, 64)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                continue  # an error the kernel reports for an earlier request
            arrived = clock.monotonic()
            for level, kind, value in more:
                if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
                    seconds, nanoseconds = _TIMESPEC.unpack(value[: _TIMESPEC.size])
                    arrived = min(arrived, seconds + nanoseconds / 1e9 - behind)
            self._take(data, str(source[0]), arrived)

    def _take(self, data: bytes, source: str, arrived: float) -> None:
        if self._has_ip_header:
            data = data[(data[0] & 0xF) * 4 :] if data else data
        kind = data[0] if data else -1
        is_reply = kind == self._kinds.reply
        if not is_reply and kind not in self._kinds.errors:
            return
        body = data[_ICMP_HEADER:] if is_reply else self._quoted(data[_ICMP_HEADER:])
        if len(body) < _PAYLOAD_BYTES or not body.startswith(_SECRET):
            return
        (number,) = _NUMBER.unpack_from(body, len(_SECRET))
        request = self._requests.get(number)
        if request is None:
            return
        if is_reply:
            rtt = max(0.0, arrived - request.sent_at)
            is_ours = source.partition("%")[0] == request.address.partition("%")[0]
            if not is_ours or rtt > request.batch.timeout_seconds:
                return
            request.batch.rtts.setdefault(request.address, []).append(rtt)
        del self._requests[number]
        request.batch.settle()

    def _quoted(self, data: bytes) -> bytes:
        """Return the payload of the request that an error quotes; empty when it quotes less."""
        if self._kinds is V6:
            return data[_IPV6_HEADER + _ICMP_HEADER :]
        return data[(data[0] & 0xF) * 4 + _ICMP_HEADER :] if data else b""


def checksum(packet: bytes) -> int:
    """Return the Internet checksum (RFC 1071) of `packet`, its checksum field being zero.

    The ones' complement sum of 16-bit words is the number they make, modulo 2^16 - 1.
    """
    padded = packet + b"\0" * (len(packet) & 1)
    return 0xFFFF - int.from_bytes(padded, "big") % 0xFFFF


def _open(family: socket.AddressFamily) -> tuple[socket.socket, bool]:
    protocol = socket.IPPROTO_ICMP if family is socket.AF_INET else socket.IPPROTO_ICMPV6
    try:
        found, is_raw = socket.socket(family, socket.SOCK_RAW, protocol), True
    except PermissionError:
        found, is_raw = socket.socket(family, socket.SOCK_DGRAM, protocol), False
    found.settimeout(0)
    for option in (socket.SO_RCVBUF, _SO_RCVBUFFORCE):
        with suppress(OSError):
            found.setsockopt(socket.SOL_SOCKET, option, _RECEIVE_BYTES)
    with suppress(OSError):
        found.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    if is_raw:
        _filter(found, family)
    return found, is_raw


def _filter(raw: socket.socket, family: socket.AddressFamily) -> None:
    """Let the kernel keep back every message that is neither a reply nor an error."""
    kinds = V4 if family is socket.AF_INET else V6
    wanted = {kinds.reply, *kinds.errors}
    blocked = [0xFFFFFFFF] * 8
    for kind in wanted:
        blocked[kind // 32] &= ~(1 << (kind % 32))
    with suppress(OSError):
        if family is socket.AF_INET:
            raw.setsockopt(_SOL_RAW, _ICMP_FILTER, struct.pack("@I", blocked[0]))
        else:
            option = struct.pack("@8I", *blocked)
            raw.setsockopt(socket.IPPROTO_ICMPV6, _ICMP6_FILTER, option)
