"""SIP OPTIONS over UDP: does this element answer, and what does it offer (RFC 3261)."""

from __future__ import annotations

import asyncio
import re
import secrets
from contextlib import closing
from dataclasses import dataclass
from typing import Final, cast

from hatang import clock
from hatang.drivers.failures import translated
from hatang.drivers.protocols import SipResult
from hatang.drivers.target import SIP_PORT
from hatang.drivers.terminal import one_line
from hatang.errors import DriverError, Reason
from hatang.operations import observe

# RFC 3261 section 17.1.2.2, timers of a non-INVITE transaction over UDP, seconds.
T1_SECONDS: Final = 0.5
T2_SECONDS: Final = 4.0

_URI: Final = re.compile(
    r"sips?:(?:(?P<user>[^@\s<>\"]+)@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)"
    r"(?::(?P<port>\d{1,5}))?(?P<rest>;[^\s<>\"]*)?"
)
_STATUS: Final = re.compile(r"SIP/2\.0 ([1-6]\d\d) ([^\r\n]*)")
_MEDIA: Final = re.compile(r"m=(?P<media>[a-z]+) (?P<port>\d+)")
_RTPMAP: Final = re.compile(r"a=rtpmap:\d+ (?P<name>[A-Za-z0-9.-]{1,32})/")
_RATE: Final = re.compile(r"b=AS:(?P<kbps>\d{1,9})\s*$")
_COMPACT: Final = {"i": "call-id", "v": "via", "c": "content-type", "l": "content-length"}
_MAX_DATAGRAM: Final = 65_535


@dataclass(frozen=True, slots=True)
class SipUri:
    """Where an OPTIONS request goes; the address is used as it stands, without SRV records."""

    text: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> SipUri:
        """Read `sip:[user@]host[:port]`; raises DriverError REJECTED for anything else."""
        found = _URI.fullmatch(text)
        if found is None or not 0 < int(found["port"] or SIP_PORT) <= _MAX_DATAGRAM:
            raise DriverError(
                f"{one_line(text)!r} is no SIP address",
                Reason.REJECTED,
                fix="Write it as sip:user@host:port.",
            )
        return cls(text, found["host"].strip("[]"), int(found["port"] or SIP_PORT))


@dataclass(frozen=True, slots=True)
class UdpSipProber:
    """Fills the Protocol SipProber; `from_uri` is who asks."""

    from_uri: str = "sip:hatang@invalid"

    async def options(self, uri: str, *, timeout_seconds: float = 4.0) -> SipResult:
        """Ask `uri` with OPTIONS, repeated by RFC 3261's timers E until `timeout_seconds`.

        Any final answer is an answer, 404 and 486 too: what it means is for the caller to say.
        `rtt_seconds` is counted from the first request.

        Raises:
            DriverError: TIMEOUT, REFUSED, UNREACHABLE, or REJECTED for a malformed `uri`.
        """
        target = SipUri.parse(uri)
        with observe("driver", "sip.options"), translated(uri, "SIP OPTIONS"):
            loop = asyncio.get_running_loop()
            transport, exchange = await loop.create_datagram_endpoint(
                Exchange, remote_addr=(target.host, target.port)
            )
            with closing(transport):
                local = transport.get_extra_info("sockname")
                exchange.request = _request(target, self.from_uri, local, exchange.token)
                async with asyncio.timeout(timeout_seconds):
                    return await exchange.run()


class Exchange(asyncio.DatagramProtocol):
    """One client transaction: repeats the request, takes the answer that carries its token."""

    def __init__(self, method: str = "OPTIONS") -> None:
        self.method = method
        self.token = secrets.token_hex(12)
        self.request = b""
        self._transport: asyncio.DatagramTransport | None = None
        self._answer: asyncio.Future[tuple[int, str, bytes]] = asyncio.Future()
        self._proceeding = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        # The event loops' own datagram transports do not inherit from DatagramTransport.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def error_received(self, error: Exception) -> None:
        """End the exchange with what the kernel reports."""
        if not self._answer.done():
            self._answer.set_exception(error)

    def datagram_received(self, data: bytes, _address: object) -> None:
        """Take a response that is ours; a provisional one only lengthens the wait."""
        head = data.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
        status = _STATUS.match(head)
        if status is None or self._answer.done() or not self._is_mine(header_values(head)):
            return
        code = int(status[1])
        if code < 200:
            self._proceeding = True
        else:
            self._answer.set_result((code, one_line(status[2]), data))

    async def run(self) -> SipResult:
        """Return the final answer to OPTIONS."""
        started = clock.monotonic()
        code, reason, data = await self.answer()
        return _result(code, reason, clock.monotonic() - started, data)

    async def answer(self) -> tuple[int, str, bytes]:
        """Repeat the request until a final answer comes, and return it."""
        wait = T1_SECONDS
        while not self._answer.done():
            if self._transport is not None:
                self._transport.sendto(self.request)
            await asyncio.wait([self._answer], timeout=T2_SECONDS if self._proceeding else wait)
            wait = min(wait * 2, T2_SECONDS)
        return self._answer.result()

    def _is_mine(self, headers: dict[str, str]) -> bool:
        # RFC 3261 section 17.1.3: the branch of the topmost Via and the method of CSeq.
        mine = f"branch=z9hG4bK{self.token}" in headers.get("via", "")
        return mine and headers.get("cseq", "").upper().endswith(self.method)


def _request(target: SipUri, from_uri: str, local: tuple[str, int], token: str) -> bytes:
    host = f"[{local[0]}]" if ":" in local[0] else local[0]
    lines = (
        f"OPTIONS {target.text} SIP/2.0",
        f"Via: SIP/2.0/UDP {host}:{local[1]};branch=z9hG4bK{token};rport",
        "Max-Forwards: 70",
        f"From: <{from_uri}>;tag={token[:8]}",
        f"To: <{target.text}>",
        f"Call-ID: {token}@{host}",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:hatang@{host}:{local[1]}>",
        "Accept: application/sdp",
        "User-Agent: hatang",
        "Content-Length: 0",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def header_values(head: str) -> dict[str, str]:
    """Return the first value of each header; names lower-case, compact forms written out."""
    headers: dict[str, str] = {}
    for line in head.split("\r\n")[1:]:
        name, colon, value = line.partition(":")
        if colon:
            key = name.strip().lower()
            headers.setdefault(_COMPACT.get(key, key), value.strip())
    return headers


def _result(code: int, reason: str, rtt_seconds: float, data: bytes) -> SipResult:
    head, _, body = data.partition(b"\r\n\r\n")
    headers = header_values(head.decode("utf-8", "replace"))
    agent = headers.get("user-agent") or headers.get("server") or ""
    if not headers.get("content-type", "").lower().startswith("application/sdp"):
        return SipResult(code, reason, rtt_seconds, one_line(agent))
    return SipResult(code, reason, rtt_seconds, one_line(agent), *_offer(body))


def _offer(body: bytes) -> tuple[bool, tuple[str, ...], int | None]:
    """Return whether a session description (RFC 8866) has video, its codecs, and its rate.

    A stream with port 0 is refused. A rate for the video counts before one for the whole session.
    """
    open_media, has_video = "session", False
    codecs: dict[str, None] = {}
    rates: dict[str, int] = {}
    for line in body.decode("utf-8", "replace").splitlines():
        if found := _MEDIA.match(line):
            open_media = found["media"] if found["port"] != "0" else ""
            has_video = has_video or open_media == "video"
        elif open_media and (found := _RTPMAP.match(line)):
            codecs[found["name"].upper()] = None
        elif open_media and (found := _RATE.match(line)):
            rates[open_media] = int(found["kbps"])
    return has_video, tuple(codecs), rates.get("video", rates.get("session"))
