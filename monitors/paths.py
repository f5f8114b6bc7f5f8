"""Ways measured with STAMP packets of their own class (RFC 8762, RFC 8972), many at once.

Each packet carries a class-of-service TLV, in which the far end writes with which DSCP it came:
a carrier that remarks is found. Arrivals are stamped by the kernel, so that a busy process does
not measure itself.
"""

from __future__ import annotations

import asyncio
import heapq
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from hatang import clock
from hatang.errors import DriverError
from monitors.history import nearest_rank
from monitors.probes.aim import take
from monitors.probes.ntp import unix
from monitors.probes.stamp import ntp_stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# RFC 8762, 4.2.1 and 4.3.1: the sender's packet, and what a reflector makes of it.
_SENT: Final = struct.Struct("!IQHH28x")
_REFLECTED: Final = struct.Struct("!IQHHQIQHHB3x")
_UNSET_ERROR: Final = 0x0001  # not synchronised, multiplier 1: we claim nothing about our clock
# RFC 8972, 4: flags, type, length; the sender sets U, and who understands the TLV clears it.
_TLV: Final = struct.Struct("!BBH")
_UNRECOGNISED: Final = 0x80
_CLASS_OF_SERVICE: Final = 4
_EXTRA_PADDING: Final = 1
_COS: Final = struct.Struct("!HH")
_LEAST: Final = _SENT.size + _TLV.size + _COS.size + _TLV.size
IP_UDP_BYTES: Final = 28

_SO_TIMESTAMPNS: Final = 35  # asm-generic/socket.h
_TIMESPEC: Final = struct.Struct("@qq")
_BUFFER_BYTES: Final = 1 << 19
_GRACE_SECONDS: Final = 1.0
"""How long a packet that was sent last may take to come back; also G.114's far beyond."""
RESOLVE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Sending:
    """What is sent to the reflector at `url`: `size` is the UDP payload in octets.

    It begins `after` seconds, and takes `count` times `interval_seconds`.
    """

    key: str
    url: str
    count: int
    interval_seconds: float
    size: int = 200
    dscp: int = 34
    after: float = 0.0

    @property
    def bps(self) -> float:
        """What it takes of the line, each way, IPv4 and UDP headers included."""
        return 8 * (max(self.size, _LEAST) + IP_UDP_BYTES) / self.interval_seconds

    @property
    def seconds(self) -> float:
        """How long it sends."""
        return self.count * self.interval_seconds


@dataclass(frozen=True, slots=True)
class Measured:
    """What came back of `sent` packets; times in seconds, None where nothing came back.

    Jitter is RFC 3550's running estimate (6.4.1), of which 95 of 100 values are not above this.
    `longest_gap_seconds` is the longest run of packets of which none came back, None where that is
    not told. `dscp_there` is with which DSCP they reached the reflector, empty where it does not
    tell. `reason` is why nothing could be sent at all. `method` is how it was measured (stamp,
    ipsla, nqa, icmp), `age_seconds` how long ago.
    """

    sent: int
    received: int = 0
    rtt_seconds: float | None = None
    rtt_percentile95_seconds: float | None = None
    rtt_maximum_seconds: float | None = None
    jitter_forward_seconds: float | None = None
    jitter_backward_seconds: float | None = None
    longest_gap_seconds: float | None = 0.0
    duplicates: int = 0
    reordered: int = 0
    dscp_sent: int = 0
    dscp_there: tuple[int, ...] = ()
    reason: str = ""
    method: str = "stamp"
    age_seconds: float | None = 0.0

    @property
    def loss_ratio(self) -> float | None:
        """Return the share that did not come back; None when nothing was sent."""
        return None if not self.sent else 1 - self.received / self.sent


async def measure(
    sendings: Sequence[Sending], *, allow_local: bool = False
) -> Mapping[str, Measured]:
    """Send all, each at its time, and return what came back by key.

    A reflector that cannot be asked spoils no other: its own result says why.
    """
    flows: list[_Flow] = []
    found: dict[str, Measured] = {}
    aims = await asyncio.gather(
        *(_aim(one.url, allow_local=allow_local) for one in sendings), return_exceptions=True
    )
    try:
        for one, aim in zip(sendings, aims, strict=True):
            if isinstance(aim, DriverError):
                found[one.key] = Measured(0, reason=aim.reason)
            elif isinstance(aim, BaseException):
                raise aim
            else:
                _open(flows, found, one, aim)
        await _send_all(flows)
    finally:
        for flow in flows:
            flow.close()
    return found | {flow.sending.key: flow.result() for flow in flows}


async def _aim(url: str, *, allow_local: bool) -> tuple[str, int]:
    aim = await take(url, timeout_seconds=RESOLVE_SECONDS, allow_local=allow_local)
    return aim.address, aim.port


def _open(
    flows: list[_Flow], found: dict[str, Measured], one: Sending, address: tuple[str, int]
) -> None:
    try:
        flows.append(_Flow(one, _socket(one.dscp, address)))
    except OSError as error:
        found[one.key] = Measured(0, reason=error.strerror or "unreachable")


def _socket(dscp: int, address: tuple[str, int]) -> socket.socket:
    is_v6 = ":" in address[0]
    sock = socket.socket(socket.AF_INET6 if is_v6 else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.settimeout(0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        level = socket.IPPROTO_IPV6 if is_v6 else socket.IPPROTO_IP
        sock.setsockopt(level, socket.IPV6_TCLASS if is_v6 else socket.IP_TOS, dscp << 2)
        sock.connect(address)
    except OSError:
        sock.close()
        raise
    return sock


async def _send_all(flows: Sequence[_Flow]) -> None:
    loop = asyncio.get_running_loop()
    begin = loop.time()
    due = [(begin + flow.sending.after, number) for number, flow in enumerate(flows)]
    heapq.heapify(due)
    try:
        for flow in flows:
            loop.add_reader(flow.sock.fileno(), flow.drain)
        while due:
            at, number = due[0]
            wait = at - loop.time()
            if wait > 0:
                await asyncio.sleep(wait)
            elif wait < -_BEHIND_SECONDS:
                await asyncio.sleep(0)  # late: let what arrived be read all the same
            flow = flows[number]
            flow.send(loop.time())
            if flow.is_done:
                heapq.heappop(due)
            else:
                heapq.heapreplace(due, (at + flow.sending.interval_seconds, number))
        end = loop.time() + _GRACE_SECONDS
        while (now := loop.time()) < end and any(flow.is_waiting(now) for flow in flows):
            await asyncio.sleep(0.02)
    finally:
        for flow in flows:
            loop.remove_reader(flow.sock.fileno())


_BEHIND_SECONDS: Final = 0.005


@dataclass(slots=True)
class _Flow:
    """The packets to one reflector."""

    sending: Sending
    sock: socket.socket
    _next: int = 0
    _begun: float = 0.0
    _stamps: dict[int, int] = field(default_factory=dict)
    _seen: dict[int, tuple[float, float, float]] = field(default_factory=dict)
    _order: list[int] = field(default_factory=list)
    _dscp: set[int] = field(default_factory=set)
    _duplicates: int = 0
    _error: str = ""

    @property
    def is_done(self) -> bool:
        return self._next >= self.sending.count

    def is_waiting(self, now: float) -> bool:
        """Whether more may come at `now`; not of a far end that was silent long enough."""
        if self._error or len(self._seen) >= self._next:
            return False
        return bool(self._seen) or now - self._begun < _GRACE_SECONDS

    def send(self, now: float) -> None:
        """Send the next packet; one the kernel does not take counts as sent and lost."""
        self._begun = self._begun or now
        number, self._next = self._next, self._next + 1
        stamp = ntp_stamp(clock.now().timestamp())
        self._stamps[number] = stamp
        cos = _TLV.pack(_UNRECOGNISED, _CLASS_OF_SERVICE, _COS.size)
        cos += _COS.pack(self.sending.dscp << 10, 0)
        rest = max(0, self.sending.size - _LEAST)
        padding = _TLV.pack(_UNRECOGNISED, _EXTRA_PADDING, rest) + b"\0" * rest
        packet = _SENT.pack(number, stamp, _UNSET_ERROR, 0) + cos + padding
        try:
            self.sock.send(packet)
            self._error = ""
        except OSError as error:
            self._error = error.strerror or "unreachable"

    def drain(self) -> None:
        """Take in what has come."""
        while True:
            try:
                data, notes, _, _ = self.sock.recvmsg(2048, 64)
            except BlockingIOError:
                return
            except OSError as error:
                self._error = error.strerror or "unreachable"
                return
            self._take(data, _arrived(notes))

    def _take(self, data: bytes, arrived: float) -> None:
        if len(data) < _REFLECTED.size:
            return
        _, sent_back, _, _, received, number, stamp, *_ = _REFLECTED.unpack_from(data)
        if self._stamps.get(number) != stamp:
            return
        if number in self._seen:
            self._duplicates += 1
            return
        there, back, sent = unix(received, arrived), unix(sent_back, arrived), unix(stamp, arrived)
        held = max(0.0, back - there)
        self._seen[number] = (max(0.0, arrived - sent - held), there - sent, arrived - back)
        self._order.append(number)
        if (dscp := _dscp_there(data[_REFLECTED.size :])) is not None:
            self._dscp.add(dscp)

    def close(self) -> None:
        """Release the socket."""
        self.sock.close()

    def result(self) -> Measured:
        """Return what came back."""
        sending = self.sending
        if not self._seen:
            gap = self._next * sending.interval_seconds
            return Measured(
                self._next,
                longest_gap_seconds=gap,
                dscp_sent=sending.dscp,
                reason=self._error or "nothing comes back",
            )
        trips = [self._seen[number] for number in self._order]
        rtts = [rtt for rtt, _, _ in trips]
        return Measured(
            sent=self._next,
            received=len(trips),
            rtt_seconds=nearest_rank(rtts, 50),
            rtt_percentile95_seconds=nearest_rank(rtts, 95),
            rtt_maximum_seconds=max(rtts),
            jitter_forward_seconds=jitter([forward for _, forward, _ in trips]),
            jitter_backward_seconds=jitter([backward for _, _, backward in trips]),
            longest_gap_seconds=_longest_gap(self._seen, self._next) * sending.interval_seconds,
            duplicates=self._duplicates,
            reordered=sum(later < earlier for earlier, later in pairwise(self._order)),
            dscp_sent=sending.dscp,
            dscp_there=tuple(sorted(self._dscp)),
        )


def jitter(transits: Sequence[float]) -> float | None:
    """Return RFC 3550's jitter of transit times in order of arrival, None of fewer than two.

    The estimate runs along; the value is the one that 95 of 100 do not exceed.
    """
    estimate, along = 0.0, []
    for earlier, later in pairwise(transits):
        estimate += (abs(later - earlier) - estimate) / 16
        along.append(estimate)
    return nearest_rank(along, 95)


def _longest_gap(seen: Iterable[int], sent: int) -> int:
    """Return the longest run of numbers below `sent` that were not seen."""
    edges = [-1, *sorted(seen), sent]
    return max(later - earlier - 1 for earlier, later in pairwise(edges))


def _dscp_there(tlvs: bytes) -> int | None:
    """Return the DSCP with which the reflector says that the packet came; None if it does not."""
    at = 0
    while at + _TLV.size <= len(tlvs):
        flags, kind, length = _TLV.unpack_from(tlvs, at)
        at += _TLV.size
        if kind == _CLASS_OF_SERVICE and not flags & _UNRECOGNISED and length >= _COS.size:
            if at + _COS.size > len(tlvs):
                return None
            first, _ = _COS.unpack_from(tlvs, at)
            return int(first >> 4) & 0x3F
        at += length
    return None


def _arrived(notes: Iterable[tuple[int, int, bytes]]) -> float:
    for level, kind, value in notes:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack(value[: _TIMESPEC.size])
            return float(seconds + nanoseconds / 1e9)
    return clock.now().timestamp()
