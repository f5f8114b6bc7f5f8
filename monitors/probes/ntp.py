"""Does a time server give the time, how far is ours from it, and is it itself set (RFC 5905)."""

from __future__ import annotations

import secrets
import struct
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field

from hatang import clock
from hatang.drivers.terminal import one_line
from hatang.errors import DriverError, Reason
from monitors.choices import Cause
from monitors.probes.datagram import exchange
from monitors.probes.result import Answer, Options, Probe

if TYPE_CHECKING:
    from monitors.probes.aim import Aim
    from monitors.probes.result import Means

_PACKET: Final = struct.Struct("!BBbbII4sQQQQ")
NTP_EPOCH: Final = 2_208_988_800  # RFC 5905, 6: seconds from 1900 to 1970
_ERA: Final = 1 << 32
_CLIENT: Final = 0x23  # leap 0, version 4, mode 3
_SERVER: Final = 4
_NOT_SET: Final = 16
_SHORT: Final = 65536


class NtpOptions(Options):
    """From which difference to our own clock, and from which stratum on, it is not good."""

    max_offset_seconds: Annotated[float, Field(gt=0)] = 0.1
    max_stratum: Annotated[int, Field(ge=1, le=15)] = 10


async def ask(aim: Aim, means: Means, options: NtpOptions) -> Answer:
    """Answer when the server is set itself and tells nearly the time we have."""
    # What is sent as our time is a random number: it proves the reply, and tells nobody our clock.
    cookie = secrets.randbits(64)
    question = _PACKET.pack(_CLIENT, 0, 0, 0, 0, 0, b"", 0, 0, 0, cookie)
    sent, started = clock.now().timestamp(), clock.monotonic()

    def accept(data: bytes) -> tuple[tuple[Any, ...], float] | None:
        if len(data) < _PACKET.size:
            return None
        fields = _PACKET.unpack_from(data)
        if fields[0] & 7 != _SERVER or fields[8] != cookie:
            return None
        return fields, clock.monotonic()

    fields, at = await exchange(aim, question, accept)
    trip = at - started
    return _judged(aim, options, fields, (sent, sent + trip))


def _judged(
    aim: Aim, options: NtpOptions, fields: tuple[Any, ...], ours: tuple[float, float]
) -> Answer:
    leap, stratum = fields[0] >> 6, fields[1]
    if stratum == 0:
        kiss = one_line(fields[6].decode("ascii", "replace").strip("\0"))
        raise DriverError(f"{aim.url}: kiss of death {kiss!r}", Reason.REJECTED)
    received, sent = unix(fields[9], ours[0]), unix(fields[10], ours[0])
    offset = ((received - ours[0]) + (sent - ours[1])) / 2
    values = {
        "hatang_probe_ntp_offset_seconds": offset,
        "hatang_probe_ntp_stratum": float(stratum),
        "hatang_probe_ntp_root_delay_seconds": fields[4] / _SHORT,
        "hatang_probe_ntp_root_dispersion_seconds": fields[5] / _SHORT,
    }
    if leap == 3 or stratum >= _NOT_SET:
        return Answer(Cause.NOT_SYNCHRONISED, values, f"stratum {stratum}")
    if abs(offset) > options.max_offset_seconds:
        return Answer(Cause.CLOCK_OFF, values, f"differs by {offset:+.3f} s from our clock")
    if stratum > options.max_stratum:
        return Answer(Cause.CLOCK_OFF, values, f"stratum {stratum}")
    return Answer(Cause.ANSWERED, values, f"stratum {stratum}, {offset * 1e3:+.1f} ms")


def unix(stamp: int, near: float) -> float:
    """Return the Unix time of a 64-bit NTP timestamp, in the era next to `near` (RFC 5905, 6)."""
    seconds = stamp / _ERA - NTP_EPOCH
    return seconds + round((near - seconds) / _ERA) * _ERA


PROBE: Final = Probe(ask, ("ntp",), NtpOptions)
