"""What each endpoint driver reads, and that what an endpoint no longer tells is absent.

The stand-ins are simulated endpoints, made from published samples apart from the drivers.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from conference.beside import Beside
from conference.bridges import answers
from conference.bridges.protocol import BridgeAccess
from conference.choices import BridgeState, Check, CheckResult
from conference.endpoints import DRIVERS, driver
from conference.endpoints.protocol import EndpointAccess
from conference.endpoints.status import EndpointStatus
from conference.service import bridges, endpoints
from hatang import clock
from hatang.errors import DriverError, NotFoundError, Reason
from tests.conference.bridges.server import PASSWORD, USER
from tests.conference.endpoints.roomos_server import RoomOsServer
from tests.conference.endpoints.videoos_server import LOCKED_AFTER, VideoOsServer
from tests.hatang.drivers.httpserver import HttpsServer, pem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


SERVERS: dict[str, Any] = {"roomos": RoomOsServer, "videoos": VideoOsServer}
URL = "https://codec"


def access(name: str, secret: str = PASSWORD, url: str = URL) -> EndpointAccess:
    return EndpointAccess("codec-1", "Codec Tân Lập", name, url, secret, USER)


def status(name: str, server: Any) -> EndpointStatus:
    return asyncio.run(driver(name).status(access(name), server.open_client))


def test_every_driver_has_a_stand_in() -> None:
    assert {*SERVERS, "snmp"} == set(DRIVERS)


@pytest.mark.parametrize("name", SERVERS)
def test_an_endpoint_tells_registration_calls_and_streams(name: str) -> None:
    found = status(name, SERVERS[name]())
    assert (found.registered, found.active_calls) == (True, 1)
    assert [(one.direction, one.media) for one in found.streams] == [
        ("rx", "video"),
        ("tx", "audio"),
    ]


@pytest.mark.parametrize(
    ("name", "field", "attribute"),
    [
        ("roomos", "Software", "version"),
        ("roomos", "NumberOfActiveCalls", "active_calls"),
        ("roomos", "Diagnostics", "diagnostics"),
    ],
)
def test_a_field_that_is_gone_is_absent(name: str, field: str, attribute: str) -> None:
    assert getattr(status(name, SERVERS[name]()), attribute) is not None
    assert getattr(status(name, SERVERS[name](rename=(field, "renamed"))), attribute) is None


@pytest.mark.parametrize(
    ("name", "rename"),
    [("roomos", ("Registration", "Record")), ("videoos", ('"state"', '"status"'))],
)
def test_one_that_tells_no_registration_is_not_said_to_have_one(
    name: str, rename: tuple[str, str]
) -> None:
    assert status(name, SERVERS[name]()).registered is True
    assert status(name, SERVERS[name](rename=rename)).registered is not True


@pytest.mark.parametrize(
    ("name", "field", "attribute"),
    [
        ("roomos", "ChannelRate", "bitrate_bps"),
        ("roomos", "Jitter", "jitter_seconds"),
        ("roomos", "Packets", "packets"),
        ("roomos", "Loss", "packets_lost"),
        ("roomos", "LastIntervalLost", "loss_ratio"),
        ("roomos", "LastIntervalReceived", "loss_ratio"),
        ("videoos", "actualBitRate", "bitrate_bps"),
        ("videoos", '"jitter"', "jitter_seconds"),
        ("videoos", '"packetLoss"', "packets_lost"),
        ("videoos", "percentPacketLoss", "loss_ratio"),
        ("videoos", "mediaAlgorithm", "codec"),
    ],
)
def test_a_figure_of_a_stream_that_is_gone_is_absent(name: str, field: str, attribute: str) -> None:
    assert getattr(status(name, SERVERS[name]()).streams[0], attribute) is not None
    new = '"gone"' if '"' in field else "Gone"
    found = status(name, SERVERS[name](rename=(field, new)))
    assert getattr(found.streams[0], attribute) is None


def test_half_an_answer_of_a_codec_is_no_status() -> None:
    with pytest.raises(DriverError) as caught:
        status("roomos", RoomOsServer(rename=("</SystemUnit>", "")))
    assert caught.value.reason is Reason.PROTOCOL_ERROR


def test_an_endpoint_that_answers_another_form_is_no_status() -> None:
    with pytest.raises(DriverError) as caught:
        status("videoos", VideoOsServer(rename=("[", '{"list": [')))
    assert caught.value.reason is Reason.PROTOCOL_ERROR


def test_a_poly_session_is_given_back() -> None:
    server = VideoOsServer()
    status("videoos", server)
    assert server.sessions == 0


def test_a_wrong_password_is_tried_once_and_locks_nobody_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = VideoOsServer()

    def client(base_url: str, *, ways: bridges.Ways) -> httpx.AsyncClient:
        del ways
        return server.open_client(base_url)

    monkeypatch.setattr(bridges, "client", client)
    monkeypatch.setattr(bridges, "REFUSALS", bridges.Refusals())
    for _ in range(LOCKED_AFTER + 1):
        found = asyncio.run(endpoints.ask(access("videoos", "wrong"), ways=bridges.Ways()))
    assert (found.reason, server.failed) == (Reason.AUTH_FAILED, 1)


def test_a_driver_that_is_not_there_is_named() -> None:
    with pytest.raises(NotFoundError, match="no endpoint driver tandberg"):
        driver("tandberg")


POINT: Any = type("Point", (), {"room": "room-01", "name": "Tân Lập"})()


def judged(check: Check, found: EndpointStatus, url: str = URL) -> CheckResult:
    ends_at = clock.now() + timedelta(hours=2)
    outcomes = endpoints.judge(POINT, [(access("roomos", url=url), found)], ends_at)
    return next(one.result for one in outcomes if one.check is check)


def test_what_a_codec_finds_wrong_in_itself_fails_or_warns_by_its_level() -> None:
    server = RoomOsServer()
    assert judged(Check.PERIPHERALS, status("roomos", server)) is CheckResult.PASS
    server.faults = (("Warning", "NTPStatus", "The clock is not synchronised"),)
    assert judged(Check.PERIPHERALS, status("roomos", server)) is CheckResult.WARN
    server.faults = (*server.faults, ("Error", "CameraDetected", "No camera is connected"))
    assert judged(Check.PERIPHERALS, status("roomos", server)) is CheckResult.FAIL


def test_an_endpoint_that_does_not_answer_passes_nothing() -> None:
    silent = EndpointStatus(reason=Reason.TIMEOUT)
    for check in (Check.PERIPHERALS, Check.CERTIFICATE, Check.CLOCK):
        assert judged(check, silent) is CheckResult.UNKNOWN


def test_one_that_looks_for_no_faults_is_not_said_to_have_none() -> None:
    assert judged(Check.PERIPHERALS, EndpointStatus()) is CheckResult.SKIP


@pytest.mark.parametrize(
    ("left", "result"),
    [
        (timedelta(hours=1), CheckResult.FAIL),
        (timedelta(days=3), CheckResult.WARN),
        (timedelta(days=60), CheckResult.PASS),
    ],
)
def test_a_certificate_must_outlast_the_meeting(left: timedelta, result: CheckResult) -> None:
    found = EndpointStatus(certificate_expires_at=clock.now() + left)
    assert judged(Check.CERTIFICATE, found) is result


def test_a_wrong_certificate_fails_and_one_in_clear_text_is_not_looked_at() -> None:
    wrong = EndpointStatus(reason=Reason.CERTIFICATE_INVALID)
    assert judged(Check.CERTIFICATE, wrong) is CheckResult.FAIL
    assert judged(Check.CERTIFICATE, EndpointStatus(), "http://codec") is CheckResult.SKIP


@pytest.mark.parametrize(
    ("offset", "result"),
    [(None, CheckResult.SKIP), (-3.0, CheckResult.PASS), (3600.0, CheckResult.WARN)],
)
def test_a_clock_that_is_off_is_at_risk(offset: float | None, result: CheckResult) -> None:
    found = EndpointStatus(clock_offset_seconds=offset)
    assert judged(Check.CLOCK, found) is result


@pytest.fixture
def https_codec() -> Iterator[HttpsServer]:
    with HttpsServer() as server:
        yield server


def test_the_certificate_and_the_clock_are_those_of_the_real_handshake(
    https_codec: HttpsServer, tmp_path: Path
) -> None:
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(pem(https_codec.certificate))
    noted = Beside()

    async def ask() -> None:
        ways = bridges.Ways(lab=True, ca_file=ca_file)
        url = f"https://localhost:{https_codec.port}"
        opened = noted.noting(lambda url: bridges.client(url, ways=ways), url)
        async with opened(url) as client:
            await client.get("/")

    asyncio.run(ask())
    assert noted.certificate_expires_at == https_codec.certificate.not_valid_after_utc
    assert abs(noted.clock_offset_seconds or 99) < 10


def test_an_endpoint_with_an_unknown_certificate_gets_no_password(
    https_codec: HttpsServer,
) -> None:
    wanted = access("roomos", url=https_codec.url)
    found = asyncio.run(endpoints.ask(wanted, ways=bridges.Ways(lab=True)))
    assert found.reason is Reason.CERTIFICATE_INVALID


class Breaking:
    """A driver that an odd answer breaks."""

    async def status(self, *_: object) -> Any:
        raise RecursionError


def test_an_answer_that_breaks_a_driver_is_that_endpoints_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(endpoints, "driver", lambda _: Breaking())
    found = asyncio.run(endpoints.ask(access("roomos"), ways=bridges.Ways(lab=True)))
    assert found.reason is Reason.INTERNAL


def test_an_answer_that_breaks_a_driver_is_that_bridges_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bridges, "driver", lambda _: Breaking())
    asked = BridgeAccess("mcu-1", URL, None, "", None)
    found = asyncio.run(bridges.ask("cms", asked, ways=bridges.Ways(lab=True)))
    assert (found.state, found.reason) == (BridgeState.DOWN, Reason.INTERNAL)


def test_a_number_too_large_is_none() -> None:
    assert answers.number(10**400) is None


def test_a_date_that_no_calendar_has_tells_no_time() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Date": "Mon, 01 Jan 99999999999999999999 00:00:00"})

    noted = Beside()

    def opening(url: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=url, transport=httpx.MockTransport(answer))

    async def ask() -> None:
        async with noted.noting(opening, URL)(URL) as client:
            await client.get("/")

    asyncio.run(ask())
    assert noted.clock_offset_seconds is None


def test_what_another_server_answers_is_not_noted() -> None:
    noted = Beside()

    def opening(url: str) -> httpx.AsyncClient:
        date = {"Date": "Tue, 24 Nov 2026 01:00:00 GMT"} if url == URL else {}
        answer = httpx.Response(200, headers=date)
        return httpx.AsyncClient(base_url=url, transport=httpx.MockTransport(lambda _: answer))

    async def ask() -> None:
        for url in (URL, "http://admin"):
            async with noted.noting(opening, URL)(url) as client:
                await client.get("/")

    asyncio.run(ask())
    assert noted.clock_offset_seconds is not None
