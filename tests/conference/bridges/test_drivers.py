"""What each driver reads, and that what a bridge no longer tells is absent, never 0.

The stand-ins are simulated bridges, made from published samples apart from the drivers.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest

from conference.bridges import driver
from conference.bridges.generic_sip import GenericSipDriver
from conference.bridges.protocol import BridgeAccess
from conference.bridges.recording import recording
from conference.choices import BridgeState
from conference.service import bridges
from hatang.drivers.fakes import FakeSip
from hatang.drivers.protocols import SipResult
from hatang.errors import DriverError, Reason
from tests.conference.bridges.cms_server import CmsServer
from tests.conference.bridges.pexip_server import PexipServer
from tests.conference.bridges.poly_server import PolyServer
from tests.conference.bridges.server import PASSWORD, USER, Server

if TYPE_CHECKING:
    from pathlib import Path

    from conference.bridges.status import BridgeStatus, Participant, Stream

SERVERS: dict[str, type[Server]] = {"cms": CmsServer, "pexip": PexipServer, "poly": PolyServer}
ACCESS = BridgeAccess("mcu-1", "https://bridge:445", None, PASSWORD, 64, USER)


def status(name: str, server: Server, access: BridgeAccess = ACCESS) -> BridgeStatus:
    return asyncio.run(driver(name).status(access, server.open_client))


def people(name: str, server: Server) -> tuple[Participant, ...]:
    return asyncio.run(driver(name).participants(ACCESS, server.open_client))


@pytest.mark.parametrize(
    ("name", "ports", "participants", "conference"),
    [
        ("cms", (12, 64), 12, "Giao ban"),
        ("pexip", (3, 60), 3, "Giao ban"),
        ("poly", (8, 160), 8, "71000"),
    ],
)
def test_a_status_tells_ports_people_and_conferences(
    name: str, ports: tuple[int, int], participants: int, conference: str
) -> None:
    found = status(name, SERVERS[name]())
    assert (found.ports_used, found.ports_total) == ports
    assert found.participants == participants
    assert found.conferences[0].name == conference
    assert found.state is BridgeState.UP


@pytest.mark.parametrize(
    ("name", "field", "attribute"),
    [
        ("cms", "softwareVersion", "version"),
        ("cms", "callLegsActive", "ports_used"),
        ("cms", "numParticipantsLocal", "participants"),
        ("pexip", "version", "version"),
        ("pexip", "port_count", "ports_used"),
        ("pexip", "port_total", "ports_total"),
        ("pexip", "media_load", "media_load_ratio"),
        ("poly", "sipCalls", "ports_used"),
        ("poly", "h323Calls", "participants"),
        ("poly", "callLimit", "ports_total"),
    ],
)
def test_a_field_that_is_gone_is_absent(name: str, field: str, attribute: str) -> None:
    assert getattr(status(name, SERVERS[name]()), attribute) is not None
    found = status(name, SERVERS[name](rename=(field, "renamed")))
    assert getattr(found, attribute) is None


@pytest.mark.parametrize(
    ("name", "field", "attribute"),
    [
        ("cms", "packetLossPercentage", "loss_ratio"),
        ("cms", "jitter", "jitter_seconds"),
        ("cms", "bitRate", "bitrate_bps"),
        ("cms", "codec", "codec"),
        ("pexip", "rx_packet_loss", "loss_ratio"),
        ("pexip", "rx_packets_lost", "packets_lost"),
        ("pexip", "rx_packets_received", "packets"),
        ("pexip", "rx_jitter", "jitter_seconds"),
        ("pexip", "rx_bitrate", "bitrate_bps"),
        ("pexip", "rx_codec", "codec"),
        ("poly", "currentBitrate", "bitrate_bps"),
    ],
)
def test_a_figure_of_a_stream_that_is_gone_is_absent(name: str, field: str, attribute: str) -> None:
    def first(server: Server) -> Stream:
        return people(name, server)[0].streams[0]

    assert getattr(first(SERVERS[name]()), attribute) is not None
    assert getattr(first(SERVERS[name](rename=(field, "renamed"))), attribute) is None


@pytest.mark.parametrize(
    ("name", "field"),
    [
        *(("cms", field) for field in ("<status>", "total", "id=")),
        *(("pexip", field) for field in ("objects", "next", "meta")),
        *(("poly", field) for field in ("[{",)),
    ],
)
def test_an_answer_of_another_form_is_no_status(name: str, field: str) -> None:
    with pytest.raises(DriverError) as caught:
        status(name, SERVERS[name](rename=(field, "x")))
    assert caught.value.reason is Reason.PROTOCOL_ERROR


def test_cms_tells_loss_per_stream_and_leaves_out_who_left() -> None:
    found = people("cms", CmsServer())
    assert len(found) == 11
    video = next(one for one in found[0].streams if (one.direction, one.media) == ("rx", "video"))
    assert (video.loss_ratio, video.jitter_seconds) == (0.025, 0.012)
    assert {one.media for one in found[0].streams} == {"audio", "video", "content"}


def test_cms_tells_the_round_trip_of_what_it_sends() -> None:
    streams = people("cms", CmsServer())[0].streams
    assert [one.rtt_seconds for one in streams if one.direction == "tx"] == [0.023]


def test_pexip_counts_packets_both_ways() -> None:
    rx, tx = people("pexip", PexipServer())[0].streams
    assert (rx.packets, rx.packets_lost, tx.packets) == (985, 15, 1000)
    assert rx.bitrate_bps == 1_024_000


def test_poly_names_who_called_and_from_where() -> None:
    (found,) = people("poly", PolyServer())
    assert (found.remote_uri, found.remote_ip) == ("sip:xa-01@tinh.test", "10.9.1.2")


@pytest.mark.parametrize("name", sorted(SERVERS))
@pytest.mark.parametrize(
    ("mood", "reason"),
    [(429, Reason.BUSY), (503, Reason.BUSY), (500, Reason.PROTOCOL_ERROR), (403, "auth_failed")],
)
def test_what_a_bridge_refuses_is_named(name: str, mood: int, reason: str) -> None:
    with pytest.raises(DriverError) as caught:
        status(name, SERVERS[name](mood=mood))
    assert caught.value.reason == reason


@pytest.mark.parametrize("name", sorted(SERVERS))
def test_a_wrong_password_is_not_tried_again(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    server = SERVERS[name]()
    monkeypatch.setattr(bridges, "client", lambda url, ways: server.open_client(url))
    monkeypatch.setattr(bridges, "REFUSALS", bridges.Refusals())
    wrong = replace(ACCESS, secret="wrong")
    for _ in range(3):
        found = asyncio.run(bridges.ask(name, wrong, ways=bridges.Ways()))
        assert (found.state, found.reason) == (BridgeState.DOWN, "auth_failed")
    assert len(server.asked) == 1
    assert asyncio.run(bridges.ask(name, ACCESS, ways=bridges.Ways())).state is BridgeState.UP


def test_entities_in_xml_are_refused() -> None:
    server = CmsServer(rename=('<?xml version="1.0"?>', "<!DOCTYPE x [<!ENTITY a 'b'>]>"))
    with pytest.raises(DriverError) as caught:
        status("cms", server)
    assert "entities" in str(caught.value)


@pytest.mark.parametrize(
    ("code", "state"), [(200, BridgeState.UP), (405, BridgeState.UP), (503, BridgeState.DEGRADED)]
)
def test_any_bridge_answers_options(code: int, state: BridgeState) -> None:
    access = replace(ACCESS, url="https://192.0.2.7:5060", allow_local=True)
    sip = FakeSip({"sip:192.0.2.7:5060": SipResult(code, "", 0.01, user_agent="ZTE")})
    found = asyncio.run(GenericSipDriver(sip).status(access, Server().open_client))
    assert (found.state, found.version, found.ports_used) == (state, "ZTE", None)


def test_what_was_answered_is_kept_and_what_was_asked_is_not(tmp_path: Path) -> None:
    open_client = recording(PexipServer().open_client, tmp_path)
    asyncio.run(driver("pexip").status(ACCESS, open_client))
    kept = sorted(tmp_path.iterdir())
    first = json.loads(kept[0].read_text("utf-8"))
    assert json.loads(first["body"])["objects"][0]["port_total"] == 60
    assert not any(PASSWORD in file.read_text("utf-8") for file in kept)


def test_a_session_in_an_answer_is_left_out_of_what_is_kept(tmp_path: Path) -> None:
    def opens(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"sessionId": "let-me-in", "state": "up", "tokens": 4})

    def client(url: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=url, transport=httpx.MockTransport(opens))

    async def asked() -> None:
        async with recording(client, tmp_path)("https://codec") as opened:
            await opened.post("/rest/session")

    asyncio.run(asked())
    kept = json.loads(next(tmp_path.iterdir()).read_text("utf-8"))
    told = {"sessionId": "(left out)", "state": "up", "tokens": 4}
    assert json.loads(kept["body"]) == told


@pytest.mark.parametrize("name", ["generic_sip", "janus"])
def test_a_bridge_that_does_not_tell_who_is_in_does_not_say_nobody(name: str) -> None:
    silent = BridgeAccess("mcu-1", "https://mcu", None, "", None)
    with pytest.raises(DriverError) as caught:
        asyncio.run(driver(name).participants(silent, CmsServer().open_client))
    assert caught.value.reason is Reason.NOT_SUPPORTED
