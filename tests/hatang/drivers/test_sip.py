"""SIP OPTIONS against a small user agent server."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatang.drivers.sip import SipUri, UdpSipProber
from hatang.errors import DriverError, Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.drivers.protocols import SipResult

SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nm=audio 4000 RTP/AVP 0\r\n"


class Server(asyncio.DatagramProtocol):
    """Answers the n-th request with whatever `answer(request, n)` returns."""

    def __init__(self, answer: Callable[[str, int], list[str]]) -> None:
        self._answer = answer
        self.requests: list[str] = []

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        self.requests.append(data.decode())
        for reply in self._answer(self.requests[-1], len(self.requests)):
            self._transport.sendto(reply.encode(), address)


def _reply(request: str, status: str, *, body: str = "", extra: str = "") -> str:
    copied = re.findall(r"(?m)^(?:Via|From|To|Call-ID|CSeq): .*\r\n", request)
    kind = "Content-Type: application/sdp\r\n" if body else ""
    length = f"Content-Length: {len(body)}\r\n"
    return f"SIP/2.0 {status}\r\n{''.join(copied)}{extra}{kind}{length}\r\n{body}"


def _ask(
    answer: Callable[[str, int], list[str]], timeout_seconds: float = 3.0
) -> tuple[SipResult, Server]:
    async def ask() -> tuple[SipResult, Server]:
        loop = asyncio.get_running_loop()
        transport, server = await loop.create_datagram_endpoint(
            lambda: Server(answer), local_addr=("127.0.0.1", 0)
        )
        port = transport.get_extra_info("sockname")[1]
        try:
            uri = f"sip:xa-01@127.0.0.1:{port}"
            return await UdpSipProber().options(uri, timeout_seconds=timeout_seconds), server
        finally:
            transport.close()

    return asyncio.run(ask())


def test_an_answer_tells_code_agent_and_video() -> None:
    video = SDP + "m=video 4002 RTP/AVP 96\r\n"
    agent = "User-Agent: Room Kit\x1b[0m\r\n"
    result, server = _ask(lambda request, _: [_reply(request, "200 OK", body=video, extra=agent)])
    assert (result.code, result.reason, result.user_agent) == (200, "OK", "Room Kit")
    assert result.has_video is True
    assert 0 < result.rtt_seconds < 1
    assert server.requests[0].startswith("OPTIONS sip:xa-01@127.0.0.1:")


@pytest.mark.parametrize(
    ("body", "has_video"),
    [("", None), (SDP, False), (SDP + "m=video 0 RTP/AVP 96\r\n", False)],
)
def test_video_is_unknown_without_a_description(body: str, has_video: bool | None) -> None:
    result, _ = _ask(lambda request, _: [_reply(request, "200 OK", body=body)])
    assert result.has_video is has_video


def test_a_description_tells_codecs_and_the_rate_of_the_video() -> None:
    body = (
        "v=0\r\nb=AS:4096\r\nm=audio 4000 RTP/AVP 9\r\na=rtpmap:9 G722/8000\r\n"
        "m=video 4002 RTP/AVP 96\r\nb=AS:2048\r\na=rtpmap:96 h264/90000\r\n"
        "m=video 0 RTP/AVP 97\r\nb=AS:512\r\na=rtpmap:97 VP8/90000\r\n"
    )
    result, _ = _ask(lambda request, _: [_reply(request, "200 OK", body=body)])
    assert (result.codecs, result.max_kbps) == (("G722", "H264"), 2048)


def test_an_error_answer_is_an_answer() -> None:
    result, _ = _ask(lambda request, _: [_reply(request, "486 Busy Here")])
    assert (result.code, result.reason) == (486, "Busy Here")


def test_a_lost_request_is_sent_again_after_t1() -> None:
    result, server = _ask(lambda request, n: [_reply(request, "200 OK")] if n == 2 else [])
    assert len(server.requests) == 2
    assert server.requests[0] == server.requests[1]
    assert result.rtt_seconds >= 0.5


def test_answers_for_somebody_else_and_provisional_ones_are_passed_over() -> None:
    def answer(request: str, _n: int) -> list[str]:
        foreign = _reply(request, "200 OK").replace("branch=z9hG4bK", "branch=z9hG4bKx")
        return ["noise", foreign, _reply(request, "100 Trying"), _reply(request, "404 Not Found")]

    assert _ask(answer)[0].code == 404


def test_silence_is_a_timeout() -> None:
    with pytest.raises(DriverError) as caught:
        _ask(lambda _request, _n: [], timeout_seconds=0.2)
    assert caught.value.reason is Reason.TIMEOUT


def test_a_closed_port_is_refused() -> None:
    with pytest.raises(DriverError) as caught:
        asyncio.run(UdpSipProber().options("sip:x@127.0.0.1:9", timeout_seconds=1))
    assert caught.value.reason is Reason.REFUSED


@pytest.mark.parametrize(
    "uri", ["", "xa-01", "sip:", "tel:113", "sip:a@b:99999", "sip:a@b\r\nVia: x", "sip:a b@c"]
)
def test_a_malformed_address_is_refused(uri: str) -> None:
    with pytest.raises(DriverError) as caught:
        SipUri.parse(uri)
    assert caught.value.reason is Reason.REJECTED


@given(st.text())
def test_no_text_becomes_a_second_header(text: str) -> None:
    try:
        parsed = SipUri.parse(text)
    except DriverError:
        return
    assert not set("\r\n ") & set(parsed.text)
