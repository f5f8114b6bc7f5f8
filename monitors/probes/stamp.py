"""Loss, round trip and jitter of a way, measured against a STAMP reflector (RFC 8762).

A one-way delay would need both clocks alike; its variation does not, and is what voices and
pictures suffer from.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Final, cast

from pydantic import Field

from hatang import clock
from hatang.errors import DriverError, Reason
from monitors.choices import Cause
from monitors.probes.ntp import NTP_EPOCH, unix
from monitors.probes.result import Answer, Options, Probe

if TYPE_CHECKING:
    from monitors.probes.aim import Aim
    from monitors.probes.result import Means

_SENT: Final = struct.Struct("!IQH30x")
# RFC 8762, 4.3.1: the reflector's number, time and error; when it received; what we had sent.
_REFLECTED: Final = struct.Struct("!IQH2xQIQH2xB3x")
_UNSET_ERROR: Final = 0x0001  # not synchronised, multiplier 1: we claim nothing about our clock


class StampOptions(Options):
    """How much is sent, and from where on the way is too poor.

    A `stateful` reflector counts by itself, which tells on which way packets were lost.
    """

    count: Annotated[int, Field(ge=2, le=200)] = 20
    interval_seconds: Annotated[float, Field(ge=0.005, le=1)] = 0.02
    size: Annotated[int, Field(ge=44, le=1400)] = 172
    dscp: Annotated[int, Field(ge=0, le=63)] = 0
    stateful: bool = False
    max_loss_ratio: Annotated[float, Field(ge=0, lt=1)] = 0.01
    max_rtt_seconds: Annotated[float, Field(gt=0)] = 0.3
    max_jitter_seconds: Annotated[float, Field(gt=0)] = 0.03


@dataclass(frozen=True, slots=True)
class Reflected:
    """One packet that came back: how long each way took, by two clocks that may differ."""

    number: int
    theirs: int
    rtt: float
    forward: float
    backward: float


async def ask(aim: Aim, means: Means, options: StampOptions) -> Answer:
    """Answer when packets come back; a way that loses, delays or varies too much is degraded."""
    loop = asyncio.get_running_loop()
    transport, session = await loop.create_datagram_endpoint(
        _Session, remote_addr=(aim.address, aim.port)
    )
    with closing(transport):
        _mark(transport, options.dscp)
        for number in range(options.count):
            if number:
                await asyncio.sleep(options.interval_seconds)
            session.send(number, options.size)
        session.expect(options.count)
        await asyncio.wait([session.all_heard], timeout=aim.timeout_seconds / 2)
    if not session.heard:
        raise session.error or DriverError(f"{aim.url}: nothing comes back", Reason.TIMEOUT)
    return judged(session.heard, options)


def judged(heard: dict[int, Reflected], options: StampOptions) -> Answer:
    """Return what the packets that came back say about the way."""
    packets = [heard[number] for number in sorted(heard)]
    loss = 1 - len(packets) / options.count
    rtt = sum(packet.rtt for packet in packets) / len(packets)
    ahead = _jitter([packet.forward for packet in packets])
    back = _jitter([packet.backward for packet in packets])
    values = {
        "hatang_probe_loss_ratio": loss,
        "hatang_probe_rtt_seconds": rtt,
        'hatang_probe_jitter_seconds{direction="forward"}': ahead,
        'hatang_probe_jitter_seconds{direction="backward"}': back,
    }
    if options.stateful or not loss:
        # What the reflector counted had reached it; the rest was lost before.
        there = max(packet.theirs for packet in packets) + 1 if options.stateful else options.count
        there = min(max(there, len(packets)), options.count)
        values['hatang_probe_way_loss_ratio{direction="forward"}'] = 1 - there / options.count
        values['hatang_probe_way_loss_ratio{direction="backward"}'] = 1 - len(packets) / there
    poor = (
        loss > options.max_loss_ratio
        or rtt > options.max_rtt_seconds
        or max(ahead, back) > options.max_jitter_seconds
    )
    detail = f"loss {loss:.1%}, {rtt * 1e3:.1f} ms, jitter {max(ahead, back) * 1e3:.1f} ms"
    return Answer(Cause.PATH_POOR if poor else Cause.ANSWERED, values, detail)


def _jitter(times: list[float]) -> float:
    steps = [abs(later - earlier) for earlier, later in pairwise(times)]
    return sum(steps) / len(steps) if steps else 0.0


def _mark(transport: asyncio.DatagramTransport, dscp: int) -> None:
    sock = transport.get_extra_info("socket")
    if dscp and sock is not None:
        is_v4 = sock.family == socket.AF_INET
        level = socket.IPPROTO_IP if is_v4 else socket.IPPROTO_IPV6
        sock.setsockopt(level, socket.IP_TOS if is_v4 else socket.IPV6_TCLASS, dscp << 2)


@dataclass(slots=True)
class _Session(asyncio.DatagramProtocol):
    heard: dict[int, Reflected] = field(default_factory=dict)
    error: Exception | None = None
    wanted: int = 1 << 31
    all_heard: asyncio.Future[None] = field(default_factory=asyncio.Future)
    _sent: dict[int, tuple[float, int]] = field(default_factory=dict)
    _transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def send(self, number: int, size: int) -> None:
        stamp = ntp_stamp(clock.now().timestamp())
        packet = _SENT.pack(number, stamp, _UNSET_ERROR).ljust(size, b"\0")
        self._sent[number] = (clock.monotonic(), stamp)
        if self._transport is not None:
            self._transport.sendto(packet)

    def datagram_received(self, data: bytes, addr: object) -> None:
        arrived, now = clock.monotonic(), clock.now().timestamp()
        if len(data) < _REFLECTED.size:
            return
        theirs, sent_back, _, received, number, stamp, *_ = _REFLECTED.unpack_from(data)
        started = self._sent.get(number)
        if started is None or started[1] != stamp or number in self.heard:
            return
        there, back = unix(received, now), unix(sent_back, now)
        held = max(0.0, back - there)
        self.heard[number] = Reflected(
            number,
            theirs,
            max(0.0, arrived - started[0] - held),
            there - unix(stamp, now),
            now - back,
        )
        self._settle()

    def error_received(self, exc: Exception) -> None:
        self.error = exc

    def expect(self, count: int) -> None:
        self.wanted = count
        self._settle()

    def _settle(self) -> None:
        if len(self.heard) >= self.wanted and not self.all_heard.done():
            self.all_heard.set_result(None)


def ntp_stamp(seconds: float) -> int:
    """Return the 64-bit NTP timestamp of a Unix time (RFC 5905, 6)."""
    return int((seconds + NTP_EPOCH) * 2**32) & (2**64 - 1)


PROBE: Final = Probe(ask, ("stamp",), StampOptions)
