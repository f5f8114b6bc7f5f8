"""A meeting room's SIP endpoint: registers itself, answers OPTIONS, and nothing more (RFC 3261)."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import cast

REGISTER_SECONDS = 60.0
RETRY_SECONDS = 5.0
EXPIRES_SECONDS = 150  # two missed refreshes and the registration is gone
SIP_PORT = 5060
BRANCH_COOKIE = "z9hG4bK"  # RFC 3261 8.1.1.7
COPIED_HEADERS = ("via", "from", "to", "call-id", "cseq")

SDP = """\
v=0\r
o=- 0 0 IN IP4 {address}\r
s=-\r
c=IN IP4 {address}\r
t=0 0\r
m=audio 49170 RTP/AVP 9 0\r
a=rtpmap:9 G722/8000\r
m=video 49172 RTP/AVP 97\r
b=AS:2048\r
a=rtpmap:97 H264/90000\r
a=fmtp:97 profile-level-id=42801f\r
"""


@dataclass(frozen=True)
class Identity:
    """Who a room is and where its registrar stands."""

    user: str
    domain: str
    address: str
    registrar: tuple[str, int]


def headers_of(message: str) -> list[tuple[str, str]]:
    """Return (lower-case name, whole line) of each header, in order."""
    head = message.split("\r\n\r\n", 1)[0].split("\r\n")[1:]
    return [(line.split(":", 1)[0].strip().lower(), line) for line in head if ":" in line]


def answer_options(message: str, identity: Identity) -> str:
    """Return 200 OK with what this room can do."""
    lines = ["SIP/2.0 200 OK"]
    for name, line in headers_of(message):
        if name in COPIED_HEADERS:
            tagged = name != "to" or ";tag=" in line
            lines.append(line if tagged else f"{line};tag={secrets.token_hex(4)}")
    body = SDP.format(address=identity.address)
    lines += [
        f"Contact: <sip:{identity.user}@{identity.address}:{SIP_PORT}>",
        "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS",
        "Accept: application/sdp",
        "User-Agent: hatang-lab room (simulated)",
        "Content-Type: application/sdp",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join(lines) + "\r\n\r\n" + body


def refuse(message: str) -> str:
    """Return 501 for a method a room of the lab does not speak."""
    copied = [line for name, line in headers_of(message) if name in COPIED_HEADERS]
    return "\r\n".join(["SIP/2.0 501 Not Implemented", *copied, "Content-Length: 0", "", ""])


def register_request(identity: Identity, call_id: str, sequence: int) -> str:
    """Return a REGISTER that binds the room's own address."""
    account = f"<sip:{identity.user}@{identity.domain}>"
    here = f"{identity.address}:{SIP_PORT}"
    lines = [
        f"REGISTER sip:{identity.domain} SIP/2.0",
        f"Via: SIP/2.0/UDP {here};branch={BRANCH_COOKIE}{secrets.token_hex(6)};rport",
        "Max-Forwards: 70",
        f"From: {account};tag={secrets.token_hex(4)}",
        f"To: {account}",
        f"Call-ID: {call_id}",
        f"CSeq: {sequence} REGISTER",
        f"Contact: <sip:{identity.user}@{here}>;expires={EXPIRES_SECONDS}",
        "User-Agent: hatang-lab room (simulated)",
        "Content-Length: 0",
    ]
    return "\r\n".join(lines) + "\r\n\r\n"


class Room(asyncio.DatagramProtocol):
    """One endpoint on one UDP socket."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self.registered = asyncio.Event()
        self._transport: asyncio.DatagramTransport | None = None
        self._sequence = 0
        self._call_id = f"{secrets.token_hex(8)}@{identity.address}"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer requests; note the answer to our own."""
        message = data.decode(errors="replace")
        if message.startswith("SIP/2.0 "):
            if message.startswith("SIP/2.0 200"):
                self.registered.set()
        elif message.startswith("OPTIONS "):
            self._send(answer_options(message, self.identity), addr)
        elif not message.startswith("ACK ") and message.strip():
            self._send(refuse(message), addr)

    def error_received(self, exc: Exception) -> None:
        """A cut path makes ICMP errors; the next registration tries again."""

    def _send(self, text: str, to: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(text.encode(), to)

    async def stay_registered(self) -> None:
        """Register every minute, and every few seconds while nobody answers."""
        while True:
            self._sequence += 1
            self.registered.clear()
            request = register_request(self.identity, self._call_id, self._sequence)
            try:
                self._send(request, self.identity.registrar)
                await asyncio.wait_for(self.registered.wait(), RETRY_SECONDS)
            except (TimeoutError, OSError):
                continue
            await asyncio.sleep(REGISTER_SECONDS)
