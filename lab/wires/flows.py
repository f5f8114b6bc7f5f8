"""Count a wire's RTP streams apart: what was sent of each, and what the wire dropped of it.

The header of SRTP is in the clear (RFC 3711, 3.1), so a stream is told by its SSRC.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from ipaddress import IPv4Address

ETHERNET_BYTES = 14
IPV4 = 0x0800
UDP = 17
UDP_BYTES = 8
RTP_VERSION = 2
RTCP_TYPES = range(192, 224)  # RFC 5761, 4: what RTCP's second octet may be
MOST_STREAMS = 512
"""What comes beyond is not counted, so that no flood of forged streams fills the memory."""
_RTP = struct.Struct("!BBHII")


@dataclass
class Stream:
    """What one RTP stream sent into a wire, and what the wire dropped of that."""

    forwarded: int = 0
    dropped: int = 0


@dataclass
class Flows:
    """The RTP streams of one direction, by `ADDRESS SSRC` of who sends."""

    streams: dict[str, Stream] = field(default_factory=dict)

    def count(self, frame: bytes, *, dropped: bool) -> None:
        """Count a frame if it is RTP."""
        key = key_of(frame)
        if key is None or (key not in self.streams and len(self.streams) >= MOST_STREAMS):
            return
        stream = self.streams.setdefault(key, Stream())
        if dropped:
            stream.dropped += 1
        else:
            stream.forwarded += 1


def key_of(frame: bytes) -> str | None:
    """Return `ADDRESS SSRC` of an Ethernet frame that holds RTP over UDP and IPv4, else None."""
    if len(frame) < ETHERNET_BYTES + 20 or int.from_bytes(frame[12:14], "big") != IPV4:
        return None
    header = (frame[ETHERNET_BYTES] & 0x0F) * 4
    fragment = int.from_bytes(frame[20:22], "big") & 0x1FFF
    start = ETHERNET_BYTES + header + UDP_BYTES
    if frame[23] != UDP or fragment or len(frame) < start + _RTP.size:
        return None
    first, second, _, _, ssrc = _RTP.unpack_from(frame, start)
    if first >> 6 != RTP_VERSION or second in RTCP_TYPES:
        return None
    return f"{IPv4Address(frame[26:30])} {ssrc}"
